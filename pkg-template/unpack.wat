;; Makes bytes of the text that bytes-as-text.js makes of them: a loop in JavaScript that runs before any compiler has seen it
;; takes twenty times as long, and then keeps busy the compilers that the module itself waits for.
(module
  ;; At 0: the number of each character, by its code. At 128: the byte for each number. At 1024: the text, which the bytes
  ;; replace from its start on: no byte takes more room than its characters did.
  (memory (export "m") 1)
  ;; Reads from `at` to `end`, and returns where the bytes end.
  (func (export "f") (param $at i32) (param $end i32) (result i32)
    (local $to i32)
    (local $number i32)
    (local.set $to (i32.const 1024))
    (loop $next
      (local.set $number (i32.load8_u (i32.load8_u (local.get $at))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      ;; The first of a pair.
      (if (i32.ge_u (local.get $number) (i32.const 90))
        (then
          (local.set $number
            (i32.add
              (i32.mul (i32.sub (local.get $number) (i32.const 89)) (i32.const 90))
              (i32.load8_u (i32.load8_u (local.get $at)))))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))))
      (i32.store8 (local.get $to) (i32.load8_u offset=128 (local.get $number)))
      (local.set $to (i32.add (local.get $to) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $at) (local.get $end))))
    (local.get $to)))
