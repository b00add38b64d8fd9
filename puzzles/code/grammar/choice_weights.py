"""Weights of the choices of names and statements (``choices.py``).

Fitted to the standard library of Python 3.11;
``python benchmarks/fit_choices.py`` fits again.
"""

NAMES = """
* left: computed with 0.41; next 0 0.32; binding 0 -0.32; binding 3 0.30; reads 3 -0.29
* left: argument -0.22; changed in loop -0.19; reads 1 0.18; target 0.18; bound before 0.17
* left: same role -0.17; begins 0.16; header -0.15; index 0.14; recent 3 0.13; next 1 0.12
* left: next 2 0.12; in statement 0.12; binding 2 0.10; reads 2 0.10; loop 0.10; recent 2 -0.09
* left: iterated -0.08; binding 1 -0.08; not read after -0.08
* right: next 0 -0.40; again -0.33; next 1 -0.25; called for -0.23; computed with 0.23
* right: reads 3 -0.21; subscripted -0.17; ordered 0.17; reads 1 0.16; index -0.16
* right: measured -0.16; recent 3 -0.15; header 0.14; not read after 0.14; bound before -0.12
* right: returned -0.12; in statement 0.11; argument 0.09; recent 0 0.09; changed 0.09
* right: reads 0 0.08
+ left: again 1.19; returned 0.53; in statement 0.51; index 0.45; target 0.44
+ left: computed with 0.37; argument 0.34; same role 0.31; changed -0.31; iterated -0.26
+ left: bound in loop -0.24; next 2 -0.23; ordered 0.23; outer loop 0.21; subscripted -0.21
+ left: next 0 -0.20; loop -0.18; begins 0.18; letter 0.18; binding 1 0.17; called for -0.15
+ left: recent 3 -0.15; recent 0 0.15; reads 2 0.13; next 1 -0.13; changed in loop 0.13
+ left: reads 3 -0.13; binding 3 -0.12; recent 4 0.10; binding 0 -0.10
+ right: not read after 0.44; next 1 0.42; computed with 0.38; header 0.35; next 0 -0.34
+ right: called for 0.25; begins 0.23; again -0.21; ordered -0.20; subscripted -0.19
+ right: target 0.18; reads 2 -0.16; same role -0.16; iterated -0.16; measured 0.16
+ right: letter -0.14; outer loop -0.13; recent 3 0.12; bound in loop -0.11; binding 1 -0.11
+ right: reads 0 0.10; reads 1 0.10; bound before 0.09; argument 0.09; next 2 0.09
+ right: binding 0 0.08; recent 1 -0.08
- left: ordered 1.05; not read after 0.37; called for -0.33; changed in loop -0.28
- left: begins -0.26; header 0.24; again -0.23; subscripted -0.21; index 0.20; next 1 -0.20
- left: loop 0.16; reads 3 -0.14; bound before -0.14; same role 0.13; letter 0.13; target 0.13
- left: reads 2 0.12; returned 0.12; argument -0.11; recent 1 -0.11; bound later 0.10
- left: in statement 0.10; reads 0 0.09; measured -0.09
- right: same role -0.50; not read after 0.49; again -0.46; binding 1 0.32; recent 4 0.27
- right: reads 3 -0.27; argument -0.26; recent 2 -0.25; reads 1 0.24; next 0 -0.22
- right: ordered 0.20; letter 0.18; measured -0.18; begins -0.17; binding 0 -0.16
- right: recent 3 -0.15; returned 0.14; target -0.13; binding 3 -0.13; recent 1 0.12
- right: bound in loop 0.11; subscripted -0.11; header -0.10; bound before 0.10
- right: changed in loop 0.09; loop 0.09
/ left: computed with 0.40; recent 1 -0.30; same role 0.27; ordered 0.26; next 1 -0.21
/ left: reads 0 0.19; next 2 0.17; measured -0.17; changed 0.16; reads 1 -0.15; recent 0 0.15
/ left: returned -0.14; changed in loop 0.14; reads 3 -0.14; called for -0.12; binding 2 0.12
/ left: subscripted -0.12; reads 2 0.10; recent 2 0.08
/ right: begins 0.45; ordered 0.44; recent 0 0.39; recent 4 -0.37; reads 1 0.31; recent 1 0.24
/ right: measured -0.23; next 0 -0.21; not read after 0.20; reads 2 -0.19; called for -0.18
/ right: subscripted 0.17; next 1 0.17; same role -0.16; reads 0 -0.16; loop 0.16; next 2 0.14
/ right: target -0.14; recent 2 -0.13; header -0.13; recent 3 -0.13; bound before -0.13
/ right: letter -0.09
< left: computed with 0.57; called for -0.51; binding 0 0.51; binding 1 -0.50; next 1 0.39
< left: measured -0.38; again 0.36; reads 3 -0.36; letter 0.36; subscripted -0.32; reads 2 0.31
< left: index 0.28; next 0 0.25; ordered 0.24; bound in loop 0.23; not read after -0.23
< left: recent 3 -0.18; header -0.18; loop -0.18; recent 4 0.16; binding 3 -0.14
< left: iterated -0.14; changed 0.13; binding 2 0.13; recent 2 0.13; recent 0 -0.13
< left: reads 1 0.10; returned -0.10; next 2 -0.10; changed in loop 0.09; bound before -0.08
< left: argument 0.08
< right: again -0.50; called for -0.30; subscripted -0.29; changed in loop -0.29; next 1 0.28
< right: measured -0.27; computed with 0.25; bound before 0.23; ordered 0.20; loop -0.19
< right: same role 0.19; index -0.18; reads 0 0.17; binding 3 0.17; begins -0.17
< right: returned -0.16; argument 0.14; bound in loop -0.14; next 0 -0.11
=: same role -1.00; again -0.95; in statement -0.81; target -0.61; not read after 0.54
=: loop 0.44; header 0.42; reads 0 0.39; reads 1 -0.32; changed in loop 0.27; letter 0.26
=: returned 0.24; next 2 -0.24; bound before -0.23; reads 2 -0.23; argument -0.23
=: bound in loop 0.21; next 0 -0.21; next 1 -0.21; changed -0.20; begins -0.19
=: subscripted 0.19; index 0.19; binding 3 -0.18; ordered 0.17; reads 3 0.16; bound later -0.15
=: binding 2 0.11; recent 1 0.09; recent 2 -0.09
== left: same role 0.78; recent 0 -0.44; subscripted -0.37; in statement 0.33; changed 0.33
== left: loop 0.33; measured -0.30; reads 2 0.30; recent 1 0.25; called for -0.24; header 0.24
== left: index 0.22; returned -0.21; iterated -0.19; letter 0.19; computed with 0.18
== left: reads 1 -0.17; again 0.16; argument -0.16; bound later -0.14; recent 4 0.12
== left: begins -0.12; bound before -0.10; bound in loop 0.09
== right: again -0.72; ordered 0.47; loop -0.42; binding 3 0.36; bound before 0.35
== right: reads 3 0.30; header -0.30; binding 0 -0.29; computed with 0.27; reads 1 -0.25
== right: reads 2 -0.22; outer loop 0.19; recent 0 0.18; subscripted -0.17; reads 0 0.16
== right: recent 1 -0.14; argument -0.14; recent 2 -0.13; index 0.12; begins 0.12
== right: called for -0.12; returned -0.11; same role 0.11; measured -0.11; next 2 0.09
== right: changed 0.08
[]: again 1.39; subscripted 1.06; measured 0.76; index -0.74; in statement 0.58; argument 0.56
[]: ordered -0.51; computed with -0.50; recent 0 0.49; recent 4 -0.48; called for 0.41
[]: bound in loop -0.40; begins -0.37; loop -0.37; bound before 0.35; target -0.34
[]: same role -0.29; binding 3 0.28; next 0 0.27; iterated 0.27; binding 0 -0.27; reads 2 0.24
[]: reads 0 -0.24; changed in loop 0.22; header 0.20; changed 0.18; next 1 0.16
[]: not read after 0.13; letter -0.13; bound later -0.11; recent 2 -0.10; recent 1 0.10
and: in statement 0.50; reads 0 0.45; reads 3 -0.44; header -0.39; recent 0 -0.38; letter -0.36
and: target 0.26; argument 0.21; loop -0.20; binding 2 -0.18; begins 0.18; changed in loop 0.16
and: index -0.15; reads 2 -0.14; reads 1 0.12; binding 3 0.11; recent 4 0.11; recent 3 0.11
and: iterated -0.11; recent 2 0.09
any: same role 1.94; reads 0 1.67; bound later -1.62; in statement -1.34; loop 0.91
any: reads 3 -0.71; reads 2 -0.70; header 0.60; bound in loop 0.59; not read after -0.43
any: recent 4 -0.42; binding 0 0.38; next 1 0.38; next 0 0.38; iterated -0.35; binding 3 -0.30
any: again -0.25; reads 1 -0.25; next 2 0.24; recent 1 0.21; letter -0.21; outer loop 0.20
any: changed 0.19; recent 0 0.16; measured 0.16; target 0.15; bound before -0.14
any: binding 2 -0.11; index 0.09; recent 2 0.09; subscripted 0.07; called for -0.06
any: changed in loop 0.06; argument 0.06; computed with 0.06; ordered 0.04; returned -0.04
any: recent 3 -0.03; begins -0.02; binding 1 0.02
attribute: same role 1.25; begins -0.75; again 0.72; changed -0.72; computed with -0.55
attribute: index -0.51; called for 0.50; target -0.43; recent 0 0.38; subscripted -0.36
attribute: loop 0.36; reads 2 -0.33; argument -0.27; recent 4 -0.26; reads 1 0.25
attribute: ordered -0.24; next 0 0.23; letter 0.22; header 0.22; binding 1 0.21
attribute: bound in loop -0.17; reads 3 0.17; bound before 0.16; binding 2 -0.13
attribute: recent 3 -0.12; measured -0.12; next 1 0.11; outer loop -0.10; binding 3 -0.10
attribute: reads 0 -0.09
bound: bound later 1.81; not read after -1.68; reads 0 -1.18; again 0.95; loop -0.86
bound: changed -0.70; bound in loop -0.62; same role -0.59; reads 3 0.49; next 0 0.44
bound: reads 2 0.42; begins 0.36; letter 0.32; called for -0.28; recent 4 0.28; reads 1 0.27
bound: next 1 0.24; iterated 0.23; next 2 0.22; argument -0.21; recent 1 -0.19; header 0.15
bound: computed with 0.14; ordered 0.14; bound before -0.13; binding 1 0.11
call(): in statement -0.84; target 0.82; again -0.74; same role -0.66; argument 0.42
call(): subscripted 0.35; bound later -0.33; begins -0.25; computed with -0.22; returned 0.21
call(): ordered -0.20; binding 0 0.18; index -0.16; header 0.15; binding 3 -0.14; reads 3 0.14
call(): next 2 0.14; binding 2 -0.14; called for 0.12; recent 1 -0.12; reads 1 -0.12
call(): binding 1 0.10; not read after 0.09; recent 4 0.08
called: same role 1.08; reads 0 0.65; reads 1 -0.64; bound before 0.60; called for -0.57
called: changed in loop -0.54; computed with -0.52; next 0 -0.51; begins -0.51
called: bound in loop -0.48; not read after 0.43; subscripted -0.42; letter -0.38; loop -0.37
called: argument 0.35; header 0.33; recent 4 0.29; index -0.28; binding 0 -0.27; recent 1 -0.27
called: measured -0.26; iterated -0.25; changed -0.20; ordered -0.19; returned -0.14
called: binding 3 0.14; reads 2 -0.12; reads 3 0.12; recent 2 -0.11; bound later -0.09
called: binding 2 0.09
display: again -1.05; in statement -0.89; loop 0.53; next 0 -0.49; target 0.46
display: bound before -0.45; changed in loop 0.36; iterated -0.35; begins 0.34; reads 3 0.33
display: next 1 -0.33; next 2 -0.32; header -0.32; same role -0.30; changed 0.28
display: called for 0.27; not read after 0.25; reads 1 -0.22; computed with -0.21
display: reads 0 -0.21; bound in loop 0.20; binding 0 -0.20; binding 2 0.19; argument -0.16
display: reads 2 0.10; ordered 0.10; letter -0.09
enumerate(): subscripted 0.16; changed -0.15; measured 0.13; begins -0.13; next 2 -0.13
enumerate(): target -0.11; recent 0 0.11; bound before -0.11; argument 0.11
enumerate(): computed with -0.10; iterated 0.10; recent 3 -0.10; next 1 -0.10; called for -0.09
enumerate(): binding 3 0.08; reads 1 -0.08; binding 1 -0.08
fold(): ordered 0.45; reads 2 0.27; same role 0.27; letter 0.26; iterated 0.24
fold(): called for -0.22; measured 0.21; reads 0 -0.20; binding 1 -0.17; index 0.17
fold(): binding 2 0.17; changed -0.14; computed with -0.13; reads 1 -0.13; subscripted -0.12
fold(): in statement -0.12; bound in loop -0.11; next 0 -0.11; not read after 0.10
fold(): bound before 0.10; argument 0.08
for: not read after 1.00; measured 0.67; reads 0 0.55; again 0.47; next 1 -0.46
for: in statement -0.43; target -0.42; called for 0.42; header 0.35; computed with -0.31
for: index -0.29; next 2 -0.28; reads 3 -0.26; ordered -0.24; bound before -0.24; loop 0.23
for: letter -0.20; reads 1 -0.18; changed 0.15; next 0 -0.14; changed in loop 0.13
for: argument -0.13; reads 2 -0.11; subscripted 0.11; iterated 0.11; same role 0.11
for: binding 0 0.10; bound in loop 0.09
grow(): next 1 -0.66; argument -0.56; next 0 -0.49; loop 0.49; binding 1 0.46; again -0.42
grow(): binding 3 -0.42; subscripted -0.39; same role 0.36; reads 2 -0.33; not read after 0.29
grow(): begins -0.28; computed with -0.27; ordered -0.27; next 2 0.26; binding 2 -0.24
grow(): binding 0 0.20; reads 3 0.18; bound before -0.16; reads 1 0.16; bound in loop 0.15
grow(): in statement -0.14; recent 1 0.14; recent 4 -0.13; recent 0 -0.12; index 0.11
grow(): measured 0.11; changed -0.10; recent 3 0.09; bound later 0.08
grown: bound before 1.40; not read after -1.25; changed in loop -0.84; same role 0.62
grown: begins 0.62; loop -0.61; computed with -0.58; iterated 0.53; reads 1 0.51
grown: binding 0 -0.50; binding 2 0.42; returned 0.40; bound later -0.32; bound in loop -0.30
grown: reads 3 -0.28; reads 0 -0.28; index -0.25; ordered -0.24; called for 0.23
grown: recent 1 -0.21; in statement -0.19; again 0.19; changed 0.17; header -0.15; next 2 0.14
grown: measured 0.13; next 1 0.12; recent 0 0.11; binding 3 0.10; recent 4 0.10
grown: outer loop -0.09
if: reads 0 0.98; recent 0 -0.69; begins 0.64; returned -0.48; reads 3 -0.48; reads 2 -0.43
if: next 1 0.42; next 0 0.41; header -0.38; letter -0.30; subscripted -0.24; ordered -0.23
if: binding 1 -0.23; bound later -0.23; binding 3 0.23; iterated 0.23; same role -0.23
if: called for 0.20; recent 2 0.20; recent 4 0.18; recent 3 0.17; argument 0.17; binding 0 0.15
if: binding 2 -0.15; in statement 0.15; recent 1 0.13; again 0.10; computed with 0.10
if: index -0.08
in left: index 0.72; argument -0.40; begins -0.38; subscripted -0.36; bound in loop 0.33
in left: next 0 0.28; not read after -0.28; returned -0.27; next 1 0.24; reads 0 -0.21
in left: called for -0.20; loop 0.20; recent 2 0.19; reads 2 0.18; letter 0.16; iterated -0.16
in left: again 0.16; bound before -0.14; ordered 0.14; header -0.14; measured -0.13
in left: target 0.12; recent 4 -0.12; binding 0 0.12; changed in loop 0.12; recent 0 -0.11
in left: same role 0.11; in statement 0.10
in right: subscripted 0.75; called for 0.66; same role 0.66; bound before 0.52; recent 4 0.51
in right: header -0.50; letter -0.48; next 0 0.40; in statement 0.39; index -0.36; again -0.35
in right: loop -0.34; binding 0 -0.32; recent 0 -0.31; recent 2 -0.28; computed with -0.27
in right: binding 3 0.24; measured -0.22; changed -0.21; reads 0 0.19; next 1 0.14
in right: bound later -0.13; iterated 0.12; reads 2 -0.12; reads 1 -0.11; returned 0.11
in right: recent 3 0.09; ordered -0.09; argument 0.09; outer loop -0.08
index: index 0.67; header 0.61; subscripted -0.50; loop 0.49; bound before -0.44
index: computed with 0.43; outer loop 0.34; reads 1 -0.29; target -0.26; reads 3 0.25
index: recent 4 -0.23; recent 2 0.22; changed in loop 0.21; begins -0.21; same role -0.20
index: ordered 0.16; called for -0.16; recent 1 0.15; returned -0.14; recent 3 -0.14
index: bound in loop -0.14; not read after 0.14; iterated -0.13; argument -0.13; next 2 -0.13
index: bound later -0.11; reads 2 0.11; measured -0.09; in statement -0.08
int(): same role -0.61; again 0.54; target 0.44; in statement 0.39; recent 0 0.36
int(): recent 1 -0.32; next 1 -0.25; not read after 0.21; measured 0.19; argument -0.16
int(): reads 0 0.15; reads 1 -0.15; loop 0.14; begins -0.13; computed with 0.13
int(): binding 3 -0.13; letter 0.13; binding 0 0.13; header 0.13; reads 3 -0.09; reads 2 0.09
int(): recent 3 0.09; changed 0.08; recent 2 -0.08
is left: recent 0 -0.84; next 0 0.66; same role -0.59; not read after -0.56; subscripted -0.55
is left: header -0.47; in statement 0.45; binding 1 -0.44; recent 4 0.42; recent 3 0.35
is left: bound in loop 0.34; begins 0.31; reads 3 -0.29; binding 0 0.25; next 1 0.24
is left: binding 3 0.23; changed 0.21; letter -0.21; changed in loop 0.21; again 0.20
is left: reads 0 0.19; bound later -0.19; reads 1 0.17; returned -0.14; called for 0.14
is left: next 2 -0.11; measured 0.10; bound before -0.10; iterated -0.10; ordered 0.08
is right: again -0.36; binding 0 -0.35; argument 0.30; binding 2 0.28; reads 2 -0.27
is right: recent 1 -0.27; changed in loop -0.26; recent 2 0.26; reads 1 0.24; next 1 -0.20
is right: changed -0.17; binding 3 0.13; bound in loop -0.13; reads 3 0.12; called for -0.12
is right: bound before -0.10; reads 0 -0.09; begins -0.09
isinstance(): same role -0.82; next 0 0.77; again 0.55; bound before -0.46; binding 2 -0.39
isinstance(): begins -0.38; bound in loop 0.34; not read after -0.33; in statement 0.28
isinstance(): subscripted -0.20; binding 0 0.19; binding 1 0.19; loop 0.18; reads 3 0.18
isinstance(): measured 0.17; changed in loop 0.17; next 1 0.17; index -0.14; header 0.14
isinstance(): reads 1 -0.14; computed with 0.11; recent 2 -0.10; returned 0.10; reads 2 -0.10
isinstance(): recent 4 -0.09; recent 3 0.08; called for -0.08
keyword: again -2.18; in statement -0.74; header -0.48; letter -0.46; reads 0 0.44
keyword: same role 0.37; next 0 -0.37; called for 0.36; binding 3 0.35; argument 0.34
keyword: reads 1 -0.33; iterated -0.23; not read after 0.22; returned -0.21; binding 0 -0.20
keyword: loop -0.19; begins 0.18; ordered -0.17; reads 2 -0.16; target -0.15
keyword: computed with -0.15; recent 4 0.14; bound before -0.14; subscripted 0.13
keyword: recent 3 -0.13; binding 1 -0.11; recent 2 0.10; measured -0.09
len(): ordered -0.76; subscripted 0.75; index -0.61; iterated 0.60; target -0.45
len(): not read after -0.45; next 0 0.42; begins -0.38; binding 0 0.35; reads 0 -0.29
len(): changed in loop 0.28; measured -0.28; same role -0.28; next 1 0.28; returned -0.25
len(): recent 0 -0.24; reads 2 0.21; again -0.21; computed with -0.19; recent 1 0.18
len(): reads 3 0.17; binding 3 -0.16; loop 0.15; binding 1 -0.14; recent 4 -0.13; next 2 0.12
len(): recent 2 0.11; header -0.11; bound later -0.10; bound before -0.10; reads 1 -0.09
len(): recent 3 0.08
list(): recent 0 0.45; again 0.37; binding 0 0.26; reads 3 0.26; recent 4 -0.25; header 0.24
list(): reads 1 -0.24; called for 0.23; begins -0.23; target 0.21; in statement 0.17
list(): next 0 0.16; binding 3 -0.14; next 2 -0.11; returned 0.11; recent 2 -0.09
list(): binding 2 -0.09; next 1 -0.09; bound before -0.09; ordered -0.09; recent 3 -0.08
list(): measured 0.08; computed with -0.08
loop =: computed with 0.24; loop -0.23; reads 0 -0.14; recent 4 0.13; bound before 0.12
loop =: recent 0 0.11; bound later 0.11; changed in loop 0.10; recent 3 -0.10; reads 1 0.09
loop =: reads 2 0.08; binding 1 -0.08
method(): same role -0.77; again -0.73; outer loop 0.40; iterated -0.37; bound before -0.35
method(): in statement -0.33; not read after 0.27; measured 0.25; letter -0.24; reads 3 0.23
method(): header 0.20; reads 2 -0.17; computed with 0.16; next 2 -0.16; bound later -0.15
method(): next 1 -0.14; bound in loop 0.13; binding 0 0.13; changed in loop 0.11; ordered -0.10
negate: computed with 0.44; ordered 0.40; header 0.37; next 0 -0.27; not read after 0.25
negate: recent 4 -0.25; again 0.24; binding 0 0.20; reads 2 0.17; binding 3 -0.16; letter 0.15
negate: recent 0 0.15; reads 3 -0.15; recent 1 0.13; in statement 0.12; same role -0.12
negate: target 0.11; subscripted -0.09; changed in loop -0.09; loop 0.09; reads 0 -0.08
negate: measured -0.08
not: subscripted 0.52; returned -0.50; binding 0 0.46; recent 0 -0.45; iterated 0.43
not: not read after -0.41; recent 4 0.40; same role -0.39; header -0.29; next 0 0.29
not: reads 3 -0.26; next 1 0.23; argument 0.23; binding 1 -0.23; changed in loop 0.21
not: in statement 0.21; binding 2 -0.18; bound before -0.18; changed 0.17; recent 1 -0.16
not: recent 2 0.16; reads 1 0.16; next 2 0.14; bound later -0.13; computed with -0.12
not: bound in loop 0.11; reads 0 0.11
op=: not read after 0.51; reads 0 0.49; next 0 -0.41; reads 3 -0.38; computed with 0.29
op=: index -0.27; binding 1 0.25; begins -0.23; reads 1 -0.21; letter 0.20; bound before -0.19
op=: returned -0.18; called for -0.17; subscripted -0.17; changed 0.16; loop 0.15
op=: in statement -0.13; target -0.13; binding 0 -0.11; recent 1 0.11; bound in loop 0.10
op=: measured -0.10; same role 0.10; reads 2 0.10; recent 3 -0.09
ord(): loop 0.21; changed in loop -0.16; bound in loop -0.14; letter 0.13
other: bound before -0.51; loop 0.40; not read after 0.39; index 0.38; bound later 0.31
other: recent 4 -0.27; returned -0.26; called for -0.26; target 0.24; argument -0.23
other: changed -0.23; in statement 0.20; bound in loop 0.19; outer loop -0.16; same role -0.15
other: next 1 -0.15; reads 1 0.15; measured 0.13; recent 3 0.12; recent 0 0.11; recent 2 0.11
other: ordered -0.10; next 2 -0.10; next 0 -0.09; letter -0.09
range(): header 0.12; not read after 0.11; reads 3 -0.10; reads 1 0.10
receiver: ordered -1.07; again 1.01; computed with -0.60; index -0.56; begins -0.48
receiver: letter 0.44; changed in loop -0.37; reads 3 0.35; changed -0.32; target -0.31
receiver: returned 0.26; bound in loop 0.24; outer loop -0.24; reads 0 -0.21; measured -0.19
receiver: binding 0 0.18; recent 0 0.18; binding 3 -0.15; bound before 0.14; same role 0.14
receiver: reads 2 -0.14; bound later -0.14; not read after 0.13; recent 3 -0.12; iterated -0.12
receiver: called for 0.11; next 2 0.09; header 0.09; subscripted 0.09
return: called for 1.05; begins 1.04; subscripted 0.66; next 0 -0.58; ordered -0.44
return: changed 0.43; bound in loop 0.43; changed in loop 0.42; binding 0 0.42; index -0.40
return: next 1 -0.38; computed with -0.38; recent 1 0.38; binding 1 -0.37; recent 4 -0.35
return: returned 0.32; same role 0.32; next 2 0.31; argument -0.26; loop -0.25; reads 3 0.24
return: header -0.23; reads 0 -0.22; outer loop 0.21; reads 2 -0.16; bound before -0.16
return: letter -0.15; reads 1 0.14; binding 2 -0.11; recent 3 -0.10
set(): measured 0.27; next 0 0.26; reads 3 0.23; iterated 0.21; next 2 -0.18; binding 3 -0.15
set(): binding 0 0.14; target 0.11; in statement 0.11; again 0.10; reads 1 -0.09
set(): subscripted 0.09; binding 1 0.08
slice: index 0.74; not read after 0.45; letter 0.45; ordered 0.42; binding 3 -0.42
slice: called for -0.35; computed with 0.33; again -0.32; subscripted -0.32; measured -0.27
slice: reads 3 -0.26; changed in loop 0.26; binding 2 0.25; reads 0 0.21; changed 0.14
slice: loop 0.14; target -0.13; next 2 0.12; bound before -0.12; bound in loop -0.12
slice: same role 0.11; next 0 0.11; in statement 0.11; reads 2 0.11; begins -0.10
slice: binding 0 0.09; recent 3 0.08
sorted(): binding 0 0.15; subscripted 0.15; measured 0.10; again 0.10; binding 2 -0.10
sorted(): loop 0.08; reads 3 -0.08
stored []: not read after -1.02; subscripted 0.83; begins 0.82; bound before 0.81
stored []: changed in loop -0.61; loop -0.56; reads 0 -0.55; binding 0 -0.55; same role 0.48
stored []: again 0.47; called for 0.38; computed with -0.36; returned 0.35; index -0.31
stored []: letter -0.26; binding 3 0.24; bound in loop -0.23; reads 1 0.22; header -0.21
stored []: binding 2 0.21; recent 2 -0.19; recent 1 0.17; reads 3 0.17; recent 0 0.16
stored []: reads 2 0.16; argument 0.16; measured 0.15; changed 0.14; ordered -0.14; next 1 0.13
stored []: outer loop -0.12; binding 1 0.10; in statement -0.08
stored index: index 0.87; loop 0.63; bound before -0.59; begins -0.33; reads 0 -0.29
stored index: next 0 -0.29; subscripted -0.26; binding 0 -0.23; again 0.22; changed -0.21
stored index: reads 1 0.21; bound in loop 0.18; binding 1 0.18; changed in loop 0.16
stored index: recent 0 0.16; not read after 0.16; recent 3 -0.14; argument -0.13
stored index: same role 0.12; measured -0.12; in statement -0.12; recent 4 -0.11; header 0.11
stored index: computed with 0.11; returned -0.10; binding 2 0.09; reads 3 0.09
stored index: called for -0.08
str(): computed with -0.31; header 0.18; recent 4 -0.17; begins -0.16; changed in loop 0.12
str(): not read after -0.12; same role 0.12; reads 0 -0.10; called for -0.10; loop 0.09
str(): recent 2 0.09; again 0.08; binding 3 -0.08
updated: begins 0.84; not read after -0.76; reads 0 -0.70; returned 0.65; bound before 0.63
updated: loop -0.59; computed with 0.51; changed in loop -0.48; reads 1 0.35; header -0.33
updated: changed 0.33; reads 2 0.28; measured 0.27; called for -0.26; index 0.26; again 0.25
updated: next 1 0.23; binding 0 -0.22; recent 4 -0.15; ordered 0.14; recent 0 0.13
updated: iterated -0.11; next 2 -0.10; letter -0.09; subscripted -0.09; argument 0.09
updated: same role -0.09; bound later -0.09; binding 2 0.08
while: next 0 0.40; subscripted 0.34; begins -0.22; recent 0 -0.20; changed 0.18; reads 1 -0.17
while: reads 3 0.17; not read after -0.15; binding 1 0.14; recent 1 0.11; next 2 -0.11
while: returned -0.10; bound before -0.09; loop 0.08
"""
"""[role][feature]; ``any`` for all roles."""
KINDS = """
any: swap -8.73; store update -6.83; if break -5.58; if continue -5.52; break -4.84
any: continue -4.66; pass -4.56; update -3.99; attribute -3.96; store -3.79; grow -3.22
any: if return -3.20; call -2.14; if -2.10; return -1.75; rebind -1.71; bind -1.49
attribute: before attribute 2.57; after attribute 2.52; in def 0.86; in loop -0.71
attribute: before rebind -0.67; no return 0.63; in other 0.58; in if 0.56; first in other 0.51
attribute: stalled, leaves -0.47; after other -0.46; after def 0.45; after if return -0.45
attribute: before nothing -0.43; before return 0.43; after call -0.37; before raise -0.35
attribute: before grow 0.33; after if -0.32; before store 0.30; in while -0.30; generator 0.29
attribute: no return, at end 0.24; last in other -0.24; before while -0.22
attribute: after store update 0.22; before def 0.21; before if -0.21; after grow 0.21
attribute: unread 0.21; before for -0.20; before update -0.20; after rebind 0.18
attribute: before if return -0.17; after store 0.17; after update -0.17; after nothing 0.16
attribute: before break 0.16; first in for -0.15; before call 0.14; before other 0.14
attribute: only in for -0.14; only in else -0.13; after for -0.13; ends function 0.13
attribute: only in if 0.12; last in def 0.12; after assert -0.11; before store update 0.11
attribute: first in else 0.10; last in if -0.10; in else 0.08
bind: unbound 4.21; in loop -2.03; in else -1.14; before nothing -1.00; after attribute -0.95
bind: before store -0.90; before return -0.89; before grow -0.85; after store -0.74
bind: only in for -0.71; ends function -0.64; only in else -0.62; last in for -0.54
bind: in if -0.53; only in other 0.51; before for 0.50; before def 0.50; before rebind 0.49
bind: after for -0.46; before attribute -0.44; before raise -0.42; in while -0.42
bind: before update -0.39; only in if 0.38; last in other 0.38; in def -0.34; in other -0.32
bind: first in def 0.30; after rebind 0.30; first in for 0.29; before if 0.28
bind: last in else -0.26; before if return 0.25; unread 0.24; first in while 0.24
bind: after if break -0.24; before while 0.23; no return, at end -0.22; first in other -0.22
bind: after grow -0.22; after if return -0.21; after other -0.20; after update -0.20
bind: after nothing 0.19; generator 0.18; last in if 0.16; in for -0.14; last in def -0.13
bind: before assert -0.13; before continue -0.12; after if continue 0.12; stalled, leaves -0.11
bind: before if break 0.10; only in while -0.10; after if -0.10; last in while -0.09
bind: before break -0.09; after def -0.09; stalled -0.09
break: in loop 1.61; stalled, leaves 1.31; in while -0.89; in for -0.85; only in if 0.64
break: before rebind -0.57; after if -0.57; in def -0.53; after nothing -0.50; before if -0.48
break: first in if -0.48; before nothing 0.47; generator -0.42; no return -0.39
break: after call -0.36; after rebind -0.36; last in if 0.34; only in for -0.29
break: after other -0.29; after update -0.27; last in for -0.27; unread -0.25
break: only in else 0.22; before call -0.21; before update -0.21; before return -0.21
break: first in other -0.19; after if break -0.19; unbound -0.19; last in while -0.18
break: before continue -0.18; before grow -0.18; before other -0.18; after store -0.17
break: last in other 0.16; first in else -0.13; after for 0.12; in other -0.12
break: first in for -0.11; after attribute 0.11; before break -0.11; last in def -0.11
break: ends function -0.11; first in while -0.10; before store -0.09; before if break -0.09
break: before if return -0.09; before raise -0.09; stalled -0.08; no return, at end -0.08
break: before for -0.08
call: no return 1.45; before call 1.42; generator 1.32; before return 0.99; after call 0.92
call: no return, at end 0.90; before if return -0.85; after if return -0.66; in loop -0.60
call: unbound -0.59; only in for 0.55; after grow -0.53; in other 0.49; last in if -0.40
call: before grow -0.39; stalled, leaves -0.39; before attribute -0.36; first in if -0.35
call: last in other -0.35; only in if -0.33; unread 0.31; after other 0.31; before update -0.30
call: stalled -0.29; before if -0.26; ends function 0.26; first in other 0.26
call: before if continue -0.25; only in other -0.25; after store 0.25; after def 0.25
call: before while -0.24; last in while 0.24; after nothing 0.24; after attribute -0.23
call: in while -0.22; before other 0.22; before for 0.22; after for 0.22; only in while 0.21
call: last in def 0.21; before continue 0.21; last in for 0.20; first in for -0.19
call: first in def 0.19; after assert -0.18; before store -0.16; before def -0.16
call: after while -0.14; last in else -0.13; only in else 0.13; before raise 0.13
call: after if -0.12; first in while 0.12; before store update -0.11; after if break 0.11
call: after update -0.09; after store update -0.09; first in else -0.08; before rebind 0.08
continue: in loop 1.98; in for -1.10; in while -0.80; after nothing -0.62; only in if 0.61
continue: in def -0.59; before rebind -0.59; last in if 0.56; after if -0.54; unread -0.54
continue: first in if -0.52; after rebind -0.51; before if -0.48; last in for -0.42
continue: before nothing 0.39; generator 0.35; after other -0.33; stalled, leaves -0.33
continue: last in while -0.32; only in for -0.30; after if return -0.30; unbound -0.27
continue: before call -0.27; only in other 0.23; before return -0.21; before continue -0.21
continue: before grow -0.20; after store update 0.19; first in other -0.18; before other -0.18
continue: before update -0.17; stalled -0.16; after update 0.15; after if break -0.15
continue: last in else 0.14; first in for -0.14; after if continue -0.14; before store -0.12
continue: no return -0.12; first in else -0.12; before break -0.11; last in def -0.11
continue: ends function -0.10; in else -0.10; before for -0.09; last in other 0.09
continue: after while -0.08; no return, at end -0.08; first in while -0.08
grow: before grow 1.16; after grow 0.93; in loop 0.81; unbound -0.73; first in if 0.71
grow: stalled, leaves -0.67; generator -0.59; after if 0.54; after call -0.52
grow: first in for -0.44; only in for 0.41; before if return -0.41; after store -0.38
grow: before return 0.38; after update -0.37; last in for 0.35; in else 0.34; in for -0.34
grow: no return -0.33; only in other -0.33; last in while -0.32; in def 0.31; before call -0.30
grow: before store -0.29; in while 0.29; before raise -0.27; before nothing 0.27
grow: last in else 0.26; only in while 0.26; after other 0.23; before if break -0.23
grow: no return, at end 0.23; before rebind 0.21; after rebind 0.21; after attribute 0.20
grow: first in def -0.19; in other -0.19; in if 0.18; before assert 0.18; before other -0.17
grow: before for 0.16; only in else -0.15; after nothing 0.14; unread -0.13; last in def -0.13
grow: before if continue -0.12; before break 0.12; first in else -0.12; ends function -0.11
grow: after store update -0.10; after def -0.10; after if break -0.09; last in if -0.09
if: only in if -1.04; before if 0.99; in def 0.89; only in for 0.86; after if 0.78; in for 0.64
if: after for 0.61; before rebind 0.57; unbound -0.54; after other 0.53; only in else -0.53
if: before raise 0.52; before return 0.52; before attribute -0.51; after rebind 0.46
if: first in if 0.44; before nothing -0.43; after while 0.42; before grow 0.39; stalled -0.39
if: after attribute -0.39; in while 0.38; only in other -0.36; unread 0.35; last in for 0.35
if: in loop -0.32; generator 0.32; before for 0.31; last in else 0.29; after update 0.28
if: before continue -0.28; after def -0.28; first in other 0.26; first in else 0.26
if: before if continue -0.24; in other 0.23; before other 0.22; after store update -0.22
if: stalled, leaves -0.22; before if return 0.20; in else 0.20; before break -0.19
if: only in while -0.19; first in for 0.19; before assert -0.17; before store update 0.16
if: before if break 0.16; after assert 0.16; no return 0.15; after nothing -0.15
if: last in def -0.15; first in while -0.14; last in while 0.13; after call 0.12
if: last in other 0.12; before call -0.11; after if break 0.11; in if 0.11; before update 0.10
if: first in def 0.10; last in if 0.10; before def 0.09; after grow 0.09
if break: in while 1.14; in loop 1.11; stalled, leaves 1.00; in if -0.64; before update 0.62
if break: after rebind 0.59; in def -0.56; before nothing -0.55; in for 0.54; first in for 0.47
if break: unbound -0.41; only in if -0.36; in other -0.30; before if continue 0.26
if break: only in for 0.25; in else -0.25; before if break -0.22; only in other -0.22
if break: first in while -0.21; after if break -0.21; before rebind 0.21; after other 0.20
if break: last in for 0.20; after grow -0.19; before call 0.18; unread 0.18
if break: before return -0.17; after nothing -0.16; after if -0.15; before if return -0.13
if break: generator -0.13; before store -0.13; after if continue -0.12; last in other -0.12
if break: only in else -0.12; after update 0.11; last in while 0.10; first in if 0.09
if break: last in if -0.08; before raise 0.08
if continue: in loop 1.42; in for 1.32; before nothing -1.28; first in for 0.82; unbound -0.60
if continue: in def -0.58; after rebind 0.55; before rebind 0.45; last in for -0.41
if continue: before other 0.37; unread -0.37; before if continue 0.35; in if -0.35
if continue: after if continue 0.33; before if 0.33; only in for -0.29; generator 0.25
if continue: after call -0.24; before update -0.23; after if break 0.20; only in if -0.19
if continue: after other 0.18; first in if -0.16; before grow 0.16; after if -0.14
if continue: only in other -0.14; first in while -0.13; no return 0.13; before call 0.13
if continue: after nothing -0.12; after grow -0.11; in other -0.11; after update -0.10
if continue: last in if -0.10; in else -0.09; first in other 0.09; before if break -0.09
if continue: before store update 0.08; after for -0.08; only in else -0.08
if continue: before attribute -0.08
if return: after if return 1.59; before if return 1.42; before raise 1.40; unbound -1.38
if return: in def 1.30; only in if -1.00; only in for 0.82; before call -0.76; last in for 0.75
if return: after rebind 0.74; in loop -0.74; before attribute -0.60; generator -0.57
if return: in for 0.55; after grow -0.55; before nothing -0.51; first in def 0.46
if return: before return 0.45; last in def -0.45; only in other -0.43; no return -0.43
if return: after other 0.43; first in if 0.41; ends function -0.41; unread 0.40
if return: before other 0.39; after store -0.37; after call 0.35; after attribute -0.35
if return: first in other -0.34; first in else 0.33; in while 0.31; first in for -0.26
if return: after def -0.25; after if 0.23; before rebind 0.23; in other -0.21
if return: after nothing 0.20; stalled, leaves 0.20; before store -0.20; last in else -0.19
if return: before continue -0.19; first in while 0.17; before assert 0.13; before update 0.13
if return: after for -0.11; no return, at end -0.11; stalled -0.11; in else -0.11
if return: only in else 0.11; after if break -0.11; before if break 0.10; after while 0.10
if return: before break 0.09; before grow -0.08; before for 0.08
pass: only in other 1.71; in other 0.88; in if -0.77; unread -0.69; after rebind -0.62
pass: in def -0.55; in loop -0.52; before nothing 0.45; in for -0.42; before rebind -0.40
pass: after nothing 0.39; stalled, leaves -0.37; last in other -0.36; after if -0.36
pass: last in if -0.33; first in other -0.32; in else -0.32; before if -0.30
pass: before return -0.25; first in if -0.23; in while -0.22; no return 0.21
pass: no return, at end 0.20; unbound -0.19; before call -0.18; only in for -0.17
pass: ends function 0.15; after other -0.15; last in def 0.15; before other -0.14
pass: generator -0.12; first in def -0.12; last in for -0.11; only in if -0.11
pass: only in else -0.11; after if return -0.10; after grow -0.10; before raise -0.09
pass: last in else -0.09; first in else -0.09; first in for -0.08
rebind: in else 0.99; last in for -0.83; only in for -0.82; last in def -0.79; unbound 0.77
rebind: ends function -0.76; last in while 0.73; before grow 0.73; before rebind 0.71
rebind: after grow 0.71; before if 0.68; stalled 0.65; only in else 0.60; before if return 0.60
rebind: no return, at end -0.55; after assert 0.54; before return -0.51; after attribute -0.47
rebind: after nothing 0.45; in loop -0.45; in if 0.45; before break 0.44; before if break 0.42
rebind: after rebind 0.42; before attribute -0.42; first in def -0.41; only in if 0.38
rebind: in for 0.37; before if continue 0.36; last in else 0.34; in while 0.32
rebind: before continue 0.32; before while 0.30; last in other 0.30; after if 0.28
rebind: after update 0.26; before raise -0.26; first in other 0.26; before store -0.24
rebind: after for 0.20; after if break 0.20; before store update -0.20; before update -0.19
rebind: before def -0.19; no return -0.17; only in other 0.17; first in while 0.16
rebind: before assert 0.15; before nothing -0.15; last in if -0.14; after call 0.14
rebind: in other 0.14; first in if 0.13; before call -0.13; after def -0.13; before for -0.12
rebind: unread -0.12; generator 0.11; after store -0.11; after other -0.10
rebind: after if continue -0.09; first in for 0.09
return: ends function 2.07; in loop -1.89; before nothing 1.85; last in def 1.81; in def -1.29
return: after rebind -1.12; in for -1.06; before rebind -1.06; after store -0.96
return: only in if 0.94; before return -0.93; before if -0.88; generator -0.84; in while -0.75
return: after nothing -0.69; first in if -0.59; in if -0.56; no return, at end -0.55
return: only in for -0.54; before call -0.54; before other -0.49; last in while -0.46
return: no return -0.44; after attribute -0.42; only in else 0.40; after other -0.40
return: last in for -0.40; after update -0.38; before if return -0.36; last in other 0.35
return: stalled, leaves 0.35; in other -0.33; first in other -0.32; before for -0.31
return: in else -0.31; before grow -0.28; before store -0.27; first in else -0.25
return: last in else -0.23; before raise -0.22; unread 0.22; unbound 0.21
return: before attribute -0.20; after def 0.19; after if break -0.19; after if -0.18
return: first in def -0.18; stalled -0.16; before update -0.16; after if return 0.16
return: after assert -0.15; before while -0.14; only in while -0.12; before def -0.11
store: after store 2.10; before store 1.97; in if 0.76; only in for 0.76; last in for 0.61
store: in def 0.56; before call 0.51; before nothing 0.44; first in for -0.42
store: before grow -0.39; stalled, leaves -0.39; before if return -0.38; unbound 0.37
store: after attribute 0.35; after rebind -0.34; before update 0.33; in for 0.31; in loop -0.28
store: after if 0.24; no return, at end 0.24; after grow -0.24; only in other -0.23
store: after def 0.21; before raise -0.21; last in else -0.21; only in if -0.21
store: before for -0.20; in else 0.20; before attribute 0.19; generator -0.18
store: before other 0.18; last in other -0.16; before while -0.15; last in if -0.15
store: before break -0.15; in other -0.13; after assert -0.13; after if break -0.13
store: only in while 0.13; last in while -0.12; in while 0.12; after call -0.12
store: before def -0.12; no return 0.11; after while -0.11; after nothing -0.10; unread 0.10
store: after if continue 0.09; first in def -0.09; after update 0.09; first in if -0.09
store update: in loop 0.49; in def 0.32; after while 0.25; before attribute 0.25
store update: before continue 0.25; after if 0.21; only in else 0.18; before rebind 0.18
store update: in if 0.18; in for 0.16; only in if 0.16; no return 0.15; stalled, leaves -0.13
store update: before store update 0.13; after store update 0.13; in else 0.12
store update: after if continue 0.12; after attribute 0.11; only in other -0.11
store update: before if return 0.11; after update 0.11; unbound -0.10; generator -0.09
swap: after nothing 0.25; before nothing 0.23; only in if 0.18; in if 0.14; only in else 0.12
swap: in else 0.11; in loop -0.10
update: in while 1.01; no return -0.88; before update 0.77; after if break 0.74
update: only in other -0.70; stalled 0.70; after update 0.69; first in if 0.68; in other -0.55
update: last in while 0.52; unbound -0.51; last in for 0.47; in if 0.46; before continue 0.39
update: before return 0.38; in else 0.37; stalled, leaves 0.37; after store 0.34
update: after rebind -0.33; before while 0.33; only in for -0.33; before if 0.31
update: before grow -0.28; last in def -0.28; ends function -0.28; after nothing 0.28
update: last in if 0.28; in def 0.27; last in else 0.27; only in while 0.26
update: after attribute -0.23; before rebind 0.23; before raise -0.23; after if 0.23
update: in loop 0.22; after call 0.22; before other -0.21; before attribute -0.20
update: after if continue -0.19; no return, at end -0.19; after for -0.19; first in def 0.18
update: first in while 0.18; after while -0.17; first in other 0.16; only in if -0.16
update: after other 0.15; before nothing 0.15; after if return 0.13; generator 0.13
update: after def -0.12; last in other -0.12; after grow 0.11; before for -0.11
update: before call 0.11; before if break 0.11; before store 0.11; before store update 0.09
update: before def -0.08
"""
"""[kind][feature]; ``any`` has the logarithms of their shares."""
