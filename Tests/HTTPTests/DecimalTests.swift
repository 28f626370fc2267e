import Testing

@testable import HTTP

struct DecimalTests {
    @Test(arguments: [0, 1, 9, 10, 99, 100, 1_234_567_890, .max])
    func `a number is written as Swift writes it`(_ number: Int) {
        var bytes = octets("a")
        bytes.append(decimal: number)
        #expect(bytes == octets("a\(number)"))
    }
}
