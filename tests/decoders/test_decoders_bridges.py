"""The bridges: on the simplex, right in their limits, and with the gradients they promise."""

import pytest
import torch

from latent_ebm.decoders.bridges import BRIDGES, gumbel_softmax, softmax, straight_through

ALL = pytest.mark.parametrize("bridge", BRIDGES.values(), ids=list(BRIDGES))
TEMPERATURES = pytest.mark.parametrize("temperature", [0.05, 1.0, 20.0])


def latent(*shape, seed=0, dtype=torch.float64):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype) * 3


def uniform(*shape, seed=1, dtype=torch.float64):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


@ALL
@TEMPERATURES
@pytest.mark.parametrize("noisy", [False, True])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_every_bridge_lands_on_the_simplex(bridge, temperature, noisy, dtype):
    z = latent(4, 7, 5, dtype=dtype)
    x = bridge(z, temperature, uniform(4, 7, 5, dtype=dtype) if noisy else None)
    assert x.shape == z.shape
    assert x.dtype == dtype
    assert (x >= 0).all()
    torch.testing.assert_close(x.sum(dim=-1), torch.ones(4, 7, dtype=dtype))


@ALL
@pytest.mark.parametrize("noisy", [False, True])
def test_masked_states_get_nothing(bridge, noisy):
    z = latent(4, 7, 5)
    masked = torch.rand(4, 7, 5, generator=torch.Generator().manual_seed(2)) < 0.5
    masked[..., 0] = False
    z = z.masked_fill(masked, -torch.inf)
    x = bridge(z, 0.7, uniform(4, 7, 5) if noisy else None)
    assert (x[masked] == 0).all()
    assert torch.isfinite(x).all()
    torch.testing.assert_close(x.sum(dim=-1), torch.ones(4, 7, dtype=torch.float64))


@ALL
def test_masked_states_get_no_gradient_and_spoil_none(bridge):
    z = latent(2, 3, 4)
    z[:, :, 1] = -torch.inf
    z.requires_grad_()
    (bridge(z, 0.7, uniform(2, 3, 4)) ** 2).sum().backward()
    assert (z.grad[:, :, 1] == 0).all()
    assert torch.isfinite(z.grad).all()


@ALL
def test_a_variable_with_one_state_left_takes_it(bridge):
    z = torch.full((1, 1, 4), -torch.inf)
    z[..., 2] = -50.0
    assert bridge(z, 1.0, torch.rand(1, 1, 4)).tolist() == [[[0.0, 0.0, 1.0, 0.0]]]


@ALL
def test_an_element_does_not_depend_on_its_batch(bridge):
    z, noise = latent(5, 7, 4), uniform(5, 7, 4)
    together = bridge(z, 0.7, noise)
    for b in range(5):
        assert torch.equal(bridge(z[b : b + 1], 0.7, noise[b : b + 1])[0], together[b])


@ALL
def test_gradients_do_not_leak_between_elements(bridge):
    z = latent(3, 4, 5).requires_grad_()
    weights = latent(4, 5, seed=9)
    (bridge(z, 0.7, uniform(3, 4, 5))[1] * weights).sum().backward()
    assert (z.grad[[0, 2]] == 0).all()
    assert (z.grad[1] != 0).any()


@ALL
def test_a_shift_of_all_logits_of_a_variable_changes_nothing(bridge):
    z, noise = latent(2, 3, 4), uniform(2, 3, 4)
    torch.testing.assert_close(bridge(z + 5, 0.7, noise), bridge(z, 0.7, noise))


@ALL
def test_the_extreme_noises_zero_and_one_are_finite(bridge):
    z = latent(2, 3, 4, dtype=torch.float32).requires_grad_()
    noise = torch.zeros(2, 3, 4)
    noise[..., ::2] = 1.0
    x = bridge(z, 0.5, noise)
    x.square().sum().backward()
    assert torch.isfinite(x).all()
    assert torch.isfinite(z.grad).all()


def test_softmax_is_the_definition():
    z = latent(2, 3, 4)
    expected = (z / 0.7).exp() / (z / 0.7).exp().sum(dim=-1, keepdim=True)
    torch.testing.assert_close(softmax(z, 0.7), expected)


def test_softmax_takes_no_noise():
    z = latent(2, 3, 4)
    assert torch.equal(softmax(z, 0.7, uniform(2, 3, 4)), softmax(z, 0.7))


@pytest.mark.parametrize("bridge", [softmax, gumbel_softmax])
def test_soft_bridges_have_the_gradient_of_their_finite_differences(bridge):
    z, noise = latent(2, 2, 3).requires_grad_(), uniform(2, 2, 3)
    assert torch.autograd.gradcheck(lambda latent_: bridge(latent_, 0.8, noise), z)


def test_gumbel_softmax_without_noise_is_softmax():
    z = latent(2, 3, 4)
    assert torch.equal(gumbel_softmax(z, 0.7), softmax(z, 0.7))


def test_a_cold_gumbel_softmax_is_one_hot_at_the_perturbed_maximum():
    z, noise = latent(20, 5), uniform(20, 5)
    gumbel = -torch.log(-torch.log(noise))
    x = gumbel_softmax(z, 1e-4, noise)
    expected = torch.nn.functional.one_hot((z + gumbel).argmax(dim=-1), 5).double()
    torch.testing.assert_close(x, expected)


def test_a_hot_gumbel_softmax_is_uniform():
    x = gumbel_softmax(latent(20, 5), 1e9, uniform(20, 5))
    torch.testing.assert_close(x, torch.full_like(x, 0.2), atol=1e-6, rtol=0)


def test_a_cold_gumbel_softmax_samples_the_categorical():
    z = torch.tensor([1.0, 0.0, -1.0, 2.0], dtype=torch.float64)
    draws = gumbel_softmax(z.expand(40_000, 4), 1e-3, uniform(40_000, 4))
    # four standard deviations of a frequency are at most 0.01
    torch.testing.assert_close(draws.mean(dim=0), torch.softmax(z, 0), atol=0.01, rtol=0)


@TEMPERATURES
@pytest.mark.parametrize("noisy", [False, True])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_straight_through_is_exactly_one_hot(temperature, noisy, dtype):
    z = latent(50, 6, 9, dtype=dtype)
    x = straight_through(z, temperature, uniform(50, 6, 9, dtype=dtype) if noisy else None)
    assert ((x == 0) | (x == 1)).all()
    assert (x.sum(dim=-1) == 1).all()


@TEMPERATURES
def test_straight_through_chooses_the_largest_logit(temperature):
    z = latent(50, 6, 9)
    assert torch.equal(straight_through(z, temperature).argmax(dim=-1), z.argmax(dim=-1))


@TEMPERATURES
@pytest.mark.parametrize("noisy", [False, True])
def test_straight_through_has_the_gradient_of_softmax(temperature, noisy):
    noise = uniform(3, 4, 5) if noisy else None
    weights = latent(3, 4, 5, seed=4)
    gradients = []
    for bridge in (straight_through, gumbel_softmax):
        z = latent(3, 4, 5).requires_grad_()
        (bridge(z, temperature, noise) * weights).sum().backward()
        gradients.append(z.grad)
    torch.testing.assert_close(*gradients)


def test_straight_through_sees_the_loss_at_the_corner_not_inside():
    z = torch.tensor([[0.2, 0.1]], dtype=torch.float64, requires_grad=True)
    straight_through(z, 1.0).square().sum().backward()
    soft = torch.softmax(torch.tensor([0.2, 0.1], dtype=torch.float64), 0)
    # d/dx of sum x^2 at the corner (1, 0) is (2, 0), pulled back through the softmax
    expected = 2 * soft[0] * (torch.tensor([1.0, 0.0]) - soft)
    torch.testing.assert_close(z.grad[0], expected)
