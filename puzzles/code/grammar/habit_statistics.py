"""Which expressions stand in which places of Python's standard library, and how often.

Counted in Python 3.11; ``python benchmarks/count_productions.py`` counts again.
"""

TABLE = """
!= left: name 432, other 284, subscript 106, len 97, slice 59, lower 17, & 12, % 4, get 4, == 4
!= left: tuple-display 4, strip 3, >> 3, count 2, chr 2, - 2, join 2
!= right: text 297, name 242, other 207, 0 80, number 43, 1 36, -1 36, subscript 21, '' 15, 2 14
!= right: len 14, tuple-display 9, + 5, * 4, lower 4, & 4, is 3, empty 2, get 2, sorted 2
% left: text 2257, name 132, other 49, + 19, - 13, len 10, * 4, / 3, negate 2, subscript 2
% left: round 2
% right: tuple-display 1051, name 812, other 356, number 64, subscript 35, join 34, slice 21
% right: str 21, len 16, display 13, 2 11, * 9, dict 7, + 7, - 6, replace 5, int 5, 1.0 3
% right: keys 2, strip 2, & 2, get 2
& left: name 178, other 87, >> 29, subscript 9, | 5, int 4, len 4, + 4, ord 3, set 3, - 3, ~ 2
& left: ^ 2
& right: name 129, number 108, 1 24, other 23, ~ 21, << 7, int 5, | 3, + 3, 2 3, negate 2, - 2
& right: set 2
(): name 27547, text 8844, other 7836, % 1326, + 770, None 631, number 492, tuple-display 462
(): 0 453, subscript 442, 1 357, display 291, slice 235, 2 163, False 158, join 150, '' 130
(): - 130, * 128, True 102, str 91, empty 82, or 75, len 70, | 59, comprehension 57, negate 42
(): -1 31, get 28, range 26, / 26, replace 25, int 23, if-else 23, & 21, ** 17, rstrip 17, // 16
(): lower 14, items 12, << 11, not 11, split 11, is 11, values 9, tuple 9, pop 9, strip 9
(): copy 8, and 8, == 8, keys 7, float 7, min 6, ^ 6, 1.0 6, list 6, 0.0 6, set 4, zip 4, 2.0 3
(): lstrip 3, sorted 3, upper 3, max 3, chr 3, ord 3, in 3, reversed 2, dict 2, abs 2, < 2, != 2
(): >= 2, <= 2
* left: name 311, other 133, text 122, number 114, + 52, * 27, display 26, - 24, subscript 22
* left: 2 18, negate 16, // 9, 2.0 5, & 5, tuple-display 4, int 3, % 3, len 3, 1.0 2
* right: name 369, number 217, other 108, - 64, 2 35, + 24, ** 24, len 21, int 10, text 9, * 6
* right: subscript 5, // 4, negate 3, / 2
** left: number 69, 2 35, name 11, -1 7, other 6, * 6, negate 3, float 2, + 2
** right: name 36, number 26, other 21, negate 20, - 18, 2 11, / 3, + 2, float 2
+ left: name 1695, text 639, + 564, other 458, * 157, tuple-display 100, len 80, slice 76
+ left: display 59, subscript 41, - 39, join 20, number 19, list 15, find 13, get 13, % 11
+ left: or 11, 1 10, str 9, index 7, int 6, max 6, 1.0 5, // 5, lower 5, >> 4, ** 4, count 4
+ left: negate 3, strip 3, rstrip 3, ord 2, comprehension 2, << 2, 2.0 2, tuple 2, lstrip 2
+ right: name 1314, 1 634, other 588, text 546, number 195, * 132, 2 84, subscript 83, slice 79
+ right: len 64, display 61, join 59, tuple-display 47, % 33, str 31, or 21, list 18, // 13
+ right: and 10, int 7, - 6, replace 6, / 6, get 6, split 5, comprehension 5, & 4, chr 4
+ right: lstrip 4, max 4, tuple 4, if-else 3, + 3, 1.0 3, > 2, strip 2, rstrip 2, << 2, negate 2
+ right: 0.0 2, sum 2, ** 2
+=: 1 327, name 181, other 93, text 76, + 54, len 45, % 40, number 29, * 25, 2 14, display 13
+=: subscript 11, slice 11, tuple-display 10, comprehension 6, // 6, rstrip 4, tuple 4, get 3
+=: - 3, join 2, count 2
-: 1 1159, number 157, name 134, 2 87, other 55, len 14, ** 5, subscript 5, // 4, int 2, 2.0 2
-: - 2
- left: name 551, other 217, len 106, - 65, + 51, number 32, * 19, 1.0 19, subscript 16, ** 13
- left: int 10, << 7, 1 6, // 5, negate 4, count 4, set 3, > 3, / 3, ord 3, % 2, -1 2, 0 2
- right: name 392, 1 353, other 159, len 89, number 53, * 24, 2 18, subscript 9, // 9, set 9
- right: + 7, < 6, count 3, - 2, >= 2, ** 2, int 2, 1.0 2, / 2
-=: 1 90, name 34, len 22, other 8, number 6, + 3, 2 2
/ left: name 48, other 36, - 16, * 16, 1.0 9, + 9, negate 5, int 4, number 4, abs 3, subscript 2
/ left: ** 2
/ right: name 75, other 32, number 20, - 7, 2.0 6, 2 5, * 5, + 3
// left: name 77, - 22, + 17, other 13, * 12, negate 11, len 11, number 6, subscript 2
// right: number 53, 2 45, name 39, other 21, * 9, ** 2, + 2
:]: name 288, number 242, -1 196, + 170, 2 86, negate 67, 1 56, 0 43, - 26, other 17, len 8
:]: index 2
< left: name 512, other 103, len 73, + 16, 0 11, subscript 7, - 5, abs 4, tuple-display 3, ord 3
< left: count 2, * 2, number 2
< right: 0 237, name 207, number 83, other 73, len 63, 2 32, 1 29, << 24, - 9, ** 6, subscript 6
< right: 0.0 5, text 4, * 4, tuple-display 4, negate 3, + 3
<< left: 1 79, name 25, subscript 17, number 9, & 4, int 3, - 3, | 2, other 2
<< right: number 113, name 17, 1 6, 0 3, negate 2, - 2, len 2, 2 2, * 2
<= left: name 162, other 55, 0 52, len 28, number 25, 1 20, + 10, abs 8, negate 5, subscript 3
<= left: display 3, set 2, 0.0 2, 2 2
<= right: name 174, 0 93, number 80, other 66, 1 13, 0.0 9, negate 7, len 7, * 5, 2 4, int 3
<= right: subscript 3, 1.0 3, 2.0 2, ord 2, + 2
=: other 14255, name 5099, None 1846, text 1773, empty 1382, + 1245, subscript 1232
=: display 1030, tuple-display 1029, 0 774, False 695, True 666, slice 648, number 647, % 438
=: join 419, - 364, get 344, '' 302, 1 301, comprehension 298, split 275, int 245, if-else 240
=: len 240, or 235, replace 212, * 157, pop 151, set 143, list 129, str 119, tuple 95, max 87
=: find 86, strip 83, -1 81, lower 76, copy 75, min 75, | 66, / 63, negate 60, 2 60, dict 53
=: // 53, sorted 52, and 47, & 41, rstrip 39, == 39, << 36, lstrip 31, index 25, upper 22, in 21
=: float 21, count 18, is not 18, ** 18, bool 18, not 17, ord 16, != 14, popleft 13, 0.0 12
=: items 11, >> 10, setdefault 10, chr 10, isinstance 10, 1.0 8, sum 7, >= 7, ^ 6, range 6
=: endswith 6, startswith 6, <= 5, any 4, is 4, reversed 4, abs 3, round 3, all 3, keys 3, > 3
=: not in 3, zip 2, values 2, add 2
== left: name 1911, other 1136, subscript 317, len 246, slice 205, lower 44, % 21, + 13, get 13
== left: strip 11, & 10, tuple-display 7, count 5, - 5, join 4, str 3, upper 3, >= 2, * 2
== left: find 2, text 2, pop 2, set 2
== right: text 1701, name 661, other 529, 0 348, 1 233, number 120, 2 100, -1 66, '' 55
== right: subscript 28, len 25, tuple-display 18, + 14, empty 14, - 11, slice 8, lower 7
== right: display 7, ord 6, 1.0 5, 0.0 5, int 4, * 3, set 3, count 3, if-else 3, % 2, negate 2
> left: name 344, len 180, other 161, + 18, subscript 6, - 5, count 3, abs 3, * 3
> right: 0 227, name 180, 1 92, other 80, number 74, 2 25, len 17, - 7, subscript 6, 1.0 5, ** 3
> right: negate 3, -1 2, * 2, + 2
>= left: name 234, other 138, len 34, find 10, subscript 8, + 7, - 3, slice 2, count 2
>= right: 0 131, other 69, number 66, name 65, 2 37, 1 25, len 23, text 9, tuple-display 8, ** 4
>= right: + 2, subscript 2
>> left: name 37, other 20, + 4, - 3
>> right: number 44, name 11, 1 10, - 2
[:: name 351, 1 324, number 130, + 90, 2 76, negate 67, 0 45, -1 41, other 32, len 30, - 22
[]: other 2398, name 2128, 0 1653, text 1142, 1 460, -1 449, number 177, 2 134
[]: tuple-display 115, subscript 115, + 57, - 49, negate 26, slice 10, or 10, // 8, % 7, lower 6
[]: & 5, None 4, ord 4, True 4, index 3, ^ 3, False 3, int 2, len 2, capitalize 2
add(): name 110, other 18, text 16, or 6, tuple-display 4, join 4, subscript 4
and: other 760, name 712, == 684, not 584, is not 366, in 260, is 220, != 218, isinstance 169
and: not in 145, > 140, < 96, >= 87, or 83, startswith 62, <= 61, endswith 33, & 32, text 29
and: subscript 13, % 8, isdigit 8, + 7, and 5, isupper 5, isspace 4, all 4, slice 4, any 3
and: strip 3, bool 3, 1 3, get 3, len 2, pop 2
append(): name 790, other 407, tuple-display 211, text 169, % 141, + 71, subscript 39, join 28
append(): slice 26, * 15, str 14, number 12, None 11, '' 10, display 10, - 9, int 7, empty 5
append(): True 3, strip 3, get 3, pop 3, len 3, chr 2, replace 2, lstrip 2, False 2, float 2
append(): tuple 2, copy 2
bool(): name 21, other 16, & 12, == 3, or 2, subscript 2
count(): text 26, name 22, 0 8, 1 4, % 3, other 3, None 2
dict(): name 23, other 17, zip 6, items 4, comprehension 4, enumerate 4, subscript 2
display: name 12779, text 7346, other 2849, tuple-display 819, number 566, None 451, 0 300
display: subscript 250, '' 181, + 181, 1 118, slice 110, False 89, True 88, len 73, empty 73
display: negate 65, % 63, join 59, -1 54, display 51, 2 49, int 39, - 37, * 36, or 29, str 27
display: if-else 27, & 19, 1.0 19, list 16, // 13, tuple 12, 0.0 11, / 11, ord 10, lower 8, >> 7
display: min 7, strip 6, in 6, bool 5, max 5, pop 5, | 5, comprehension 4, index 4, get 4, chr 4
display: replace 3, set 3, float 3, and 3, isinstance 2, find 2, rstrip 2, 2.0 2, abs 2
else: name 165, other 155, text 127, None 76, '' 39, subscript 23, 0 21, + 20, empty 20, 1 15
else: number 13, False 8, -1 8, 2 7, tuple-display 7, join 7, negate 6, slice 6, int 5, True 5
else: min 5, if-else 5, set 5, display 5, - 4, comprehension 4, strip 3, == 3, str 3, float 3
else: round 2, << 2, len 2, tuple 2, list 2, % 2, split 2, / 2, max 2, * 2
endswith(): text 87, name 33, other 23, tuple-display 6, tuple 6
enumerate(): name 64, other 16, zip 5, 1 3, slice 3, display 2, subscript 2, reversed 2
extend(): name 64, other 57, display 36, comprehension 15, tuple-display 13, slice 7, split 5
extend(): values 2, subscript 2
find(): text 86, name 72, other 16, + 13, 0 4, 1 3, 2 2
for: name 1350, other 775, items 267, range 219, tuple-display 105, enumerate 89, slice 82
for: split 63, values 45, zip 40, keys 34, list 32, reversed 26, sorted 24, subscript 20, + 17
for: display 15, get 8, text 7, or 6, set 4, tuple 3, - 2, comprehension 2, find 2
get(): name 339, text 282, other 59, None 56, '' 38, 0 26, empty 23, tuple-display 19
get(): subscript 18, get 6, False 6, + 3, True 2, lower 2, set 2
if: == 2814, not 2475, other 2417, is 2213, name 2160, and 1735, is not 1507, in 1181
if: isinstance 977, or 714, != 668, > 473, < 473, not in 422, >= 284, <= 186, startswith 183
if: & 99, endswith 55, subscript 33, any 22, get 20, slice 9, len 8, % 7, all 6, False 6
if: isdigit 6, isspace 4, pop 4, 0 3, isalpha 3, if-else 2, strip 2
in left: name 809, text 485, other 225, subscript 151, slice 28, tuple-display 11, lower 10, + 6
in left: ord 6, len 4, get 4, None 3, & 3, '' 2, upper 2
in right: name 911, other 416, tuple-display 274, display 69, text 42, subscript 14, lower 9
in right: slice 5, str 3, keys 2, + 2
index(): name 32, text 9, lower 7
insert(): name 44, 0 38, other 13, text 9, or 5, 1 3, % 3, int 3, tuple-display 2, display 2
insert(): join 2
int(): name 202, other 96, subscript 55, slice 46, number 31, or 11, * 8, + 7, 0 6, / 5, strip 4
int(): != 3, // 2, < 2, in 2, not 2, pop 2, float 2, rstrip 2, get 2, round 2
is left: name 1944, other 666, subscript 46, get 9, or 2
is not left: name 1365, other 601, subscript 24, get 12
is not right: None 1776, name 179, other 43, subscript 4
is right: None 2052, name 471, other 114, True 22, False 17
isinstance(): name 2888, other 270, tuple-display 154, subscript 38, get 2
join(): name 772, other 254, comprehension 94, text 94, + 52, slice 37, str 14, subscript 12
join(): % 12, split 12, tuple-display 10, display 8, keys 4, sorted 3, reversed 2, '' 2, | 2
join(): - 2, or 2
len(): name 1449, other 382, str 33, subscript 33, text 5, lstrip 5, rstrip 3, keys 3, or 3
len(): set 2
list(): name 104, other 77, keys 29, items 27, values 22, range 9, slice 7, zip 4, set 3, get 2
max(): name 80, - 30, 0 27, other 26, 1 11, number 9, + 7, len 4, comprehension 4, // 4, 2 3
max(): values 3, * 2, ** 2, min 2
min(): name 92, other 28, - 23, number 17, + 16, max 6, len 5, * 3, ** 2, list 2
not: name 1301, other 1214, isinstance 450, startswith 83, <= 57, and 56, subscript 46, in 41
not: endswith 41, or 33, & 21, len 15, == 13, get 12, strip 12, < 8, all 7, isdigit 7, slice 5
not: >= 4, isalnum 4, any 4, > 3, isspace 2, is 2, rstrip 2
not in left: name 338, text 136, other 78, subscript 36, lower 6, slice 6
not in right: name 330, other 129, tuple-display 94, display 24, text 15, subscript 6, str 3
not in right: + 2, replace 2, slice 2
or: other 637, name 470, not 285, == 223, is 193, and 163, in 131, text 122, != 120, '' 72
or: is not 69, empty 64, < 58, > 53, isinstance 37, get 33, <= 32, None 28, not in 28
or: startswith 28, >= 22, subscript 17, tuple-display 15, endswith 15, slice 9, 0 8, display 6
or: + 6, 1 6, lstrip 5, join 5, % 5, isspace 5, & 5, len 4, number 4, any 3, or 3, isdigit 2
or: bool 2, rstrip 2
ord(): name 31, text 17, other 15, subscript 4, slice 3
pop(): text 69, None 57, name 56, 0 35, other 18, False 7, subscript 2, True 2
range(): number 99, name 97, len 69, 0 47, + 32, 1 24, - 20, -1 14, 2 14, other 12, negate 5
range(): // 4, min 3, * 2, subscript 2
remove(): name 94, text 10, other 7, join 3, tuple-display 3, + 2
replace(): text 470, name 82, other 57, '' 45, + 3, % 3
return: other 4693, name 2705, tuple-display 881, None 478, subscript 427, False 377, % 286
return: + 264, True 251, join 152, text 150, or 143, == 129, and 119, comprehension 102, 0 77
return: in 75, 1 64, -1 56, '' 56, if-else 54, len 51, empty 51, get 48, list 48, display 46
return: tuple 41, str 40, slice 38, - 34, < 33, replace 32, not 30, <= 27, > 26, bool 26, int 25
return: * 23, >= 22, isinstance 21, / 19, number 19, | 16, negate 16, is not 16, sum 13, is 13
return: ** 12, & 12, any 11, lower 11, 2 10, != 10, find 10, dict 9, pop 9, split 9, set 8
return: sorted 8, all 7, // 7, strip 7, ^ 7, keys 7, copy 6, startswith 6, chr 5, float 4, max 4
return: rstrip 4, setdefault 4, min 3, upper 3, popleft 3, index 3, not in 3, >> 3, count 2
return: endswith 2, items 2, values 2, << 2
rstrip(): text 28, name 13, other 10
set(): name 65, other 51, text 12, + 12, comprehension 8, range 3, keys 2
setdefault(): text 28, name 26, empty 12, other 12, 0 3, '' 2
sorted(): name 42, items 21, keys 14, other 13, set 5, values 3, comprehension 3, | 2
split(): text 257, name 71, other 62, 1 59, subscript 6, 2 4, None 4, + 2
startswith(): text 228, name 94, other 47, tuple-display 15, + 11, join 2, - 2, * 2
str(): name 316, other 84, text 38, subscript 27, abs 10, * 10, len 10, - 7, + 5, int 3, slice 3
str(): // 2, get 2
tuple(): name 68, comprehension 54, other 37, slice 6, sorted 5, subscript 5, values 4, split 3
tuple(): or 2
update(): name 79, other 40, display 30, comprehension 7, text 3
while: True 219, and 87, name 83, < 68, 1 62, other 38, not 30, is not 24, == 22, > 20, in 13
while: or 9, != 7, <= 7, >= 7, not in 4, is 3, subscript 3, False 2, isinstance 2
zip(): name 75, other 32, range 5, reversed 4, slice 4
| left: name 77, other 70, | 51, << 20, subscript 4, set 4, number 3, int 2, keys 2
| right: other 92, name 73, << 20, number 11, subscript 9, None 8, set 5, display 4, - 2, int 2
| right: and 2, & 2, comprehension 2, keys 2, // 2
|=: name 39, other 35, number 5, | 3, << 2, set 2
"""
