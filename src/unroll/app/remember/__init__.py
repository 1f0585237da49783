"""Remember: a palindrome goes through a recurrent network, and its last digit is asked for."""
