"""Files that are sent along: what they are is found out from their content, in a process of its own.

examining  runs the program that looks at one file (`runtime.examine`), one at a time
refusals   why a file is not taken
"""
