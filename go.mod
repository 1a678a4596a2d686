module github.com/wattnut/wattnut

go 1.26
