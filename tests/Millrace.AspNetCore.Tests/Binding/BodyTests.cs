using System.Text;

namespace Millrace.AspNetCore.Tests.Binding;

/// <summary>
/// Tests that Millrace reads bodies as minimal API does with the strict settings of <see cref="EchoApp"/>.
/// </summary>
public sealed class BodyTests(EchoApp app) : IClassFixture<EchoApp>
{
    private static readonly string[] Values =
    [
        "1", "-1", "0", "-0", "1.0", "1e2", "1E+2", "1.50", "300", "70000", "2147483648", "9223372036854775808",
        "18446744073709551616",
        "170141183460469231731687303715884105728", "1e39", "1e309", "79228162514264337593543950336", "01", "+1",
        ".5", "0x1F", "NaN", "Infinity",
        "true", "false", "null", "{}", "[]", "[1]", "\"\"", "\" \"", "\"a\"", "\"ab\"", "\"1\"", "\"1.0\"",
        "\"NaN\"", "\"true\"", "\"Monday\"", "\"monday\"",
        "\"0190a9a4-0000-7000-8000-000000000001\"", "\"0190a9a4000070008000000000000001\"",
        "\"{0190a9a4-0000-7000-8000-000000000001}\"",
        "\"2024-01-02\"", "\"2024-01-02T03:04:05\"", "\"2024-01-02T03:04:05Z\"", "\"2024-01-02T03:04:05+02:00\"",
        "\"2024-02-30\"", "\"01/02/2024\"",
        "\"10:00:00\"", "\"10:00:00.1234567\"", "\"24:00:00\"", "\"1.02:03:04\"", "\"PT5M\"", "\"10:00\"",
        "\"http://a/b\"", "\"a b\"", "\"http://\"",
        "\"a/b\"", "\"a%2Fb\"", "\"..\"", "\"é\"", "\"\\u00e9\"", "\"\\ud83d\\udeb2\"", "\"🚲\"", "\"\\u0000\"",
        "'a'", "// a\n1", "1,",
    ];

    public static TheoryData<string> Types => [.. EchoTypes.All.Select(type => type.Name)];

    [Theory]
    [MemberData(nameof(Types))]
    public async Task A_member_is_read_as_minimal_API_reads_it(string name)
    {
        foreach (var body in Values.Select(value => $$"""{"x":{{value}}}"""))
        {
            var bytes = Encoding.UTF8.GetBytes(body);
            var minimal = await app.Post($"/minimal/body/{name}", bytes);

            var actual = await app.Post($"/millrace/body/{name}", bytes);

            Assert.Equal((body, minimal), (body, actual));
        }
        var mayBeMissing =
            EchoTypes.All.Single(type => type.Name == name) is { IsNullable: true } or { Type.IsValueType: false };
        Assert.Equal(
            mayBeMissing ? "200 null" : "400", await app.Post($"/millrace/body/{name}", Encoding.UTF8.GetBytes("{}")));
    }

    [Theory]
    [InlineData("""{"x":5,"y":6}""", "200 <5>")]
    [InlineData("""{"x":5,"x":6}""", "400")]
    [InlineData("""{"x":5} """, "200 <5>")]
    [InlineData("""{"x":5}{}""", "400")]
    [InlineData("""{"x":5,}""", "400")]
    [InlineData("[5]", "400")]
    [InlineData("5", "400")]
    [InlineData("null", "400")]
    [InlineData("", "400")]
    [InlineData(" ", "400")]
    [InlineData("{", "400")]
    [InlineData("\uFEFF{\"x\":5}", "200 <5>")]
    public async Task A_whole_body_is_read_as_minimal_API_reads_it(string body, string expected)
    {
        var bytes = Encoding.UTF8.GetBytes(body);

        Assert.Equal(expected, await app.Post("/minimal/body/int", bytes));
        Assert.Equal(expected, await app.Post("/millrace/body/int", bytes));
    }

    [Theory]
    [InlineData("application/json", "utf-8", "200 <5>")]
    [InlineData("application/json; charset=utf-8", "utf-8", "200 <5>")]
    [InlineData("application/json; charset=UTF-8", "utf-8", "200 <5>")]
    [InlineData("application/json; charset=utf-16", "utf-16", "200 <5>")]
    [InlineData("application/json; charset=utf-16BE", "utf-16BE", "200 <5>")]
    [InlineData("application/json; charset=utf-32", "utf-32", "200 <5>")]
    [InlineData("application/json; charset=iso-8859-1", "iso-8859-1", "200 <5>")]
    [InlineData("application/json; charset=us-ascii", "us-ascii", "200 <5>")]
    [InlineData("application/json; charset=utf-16", "utf-8", "400")]
    [InlineData("application/json", "utf-16", "400")]
    [InlineData("application/problem+json", "utf-8", "200 <5>")]
    [InlineData("APPLICATION/JSON", "utf-8", "200 <5>")]
    [InlineData("text/plain", "utf-8", "415")]
    [InlineData("text/json", "utf-8", "415")]
    [InlineData("application/xml", "utf-8", "415")]
    [InlineData(null, "utf-8", "415")]
    public async Task The_content_type_is_checked_as_minimal_API_does(
        string? contentType, string charset, string expected)
    {
        var bytes = Encoding.GetEncoding(charset).GetBytes("""{"x":5}""");

        Assert.Equal(expected, await app.Post("/minimal/body/int", bytes, contentType));
        Assert.Equal(expected, await app.Post("/millrace/body/int", bytes, contentType));
    }

    [Fact]
    public async Task A_text_in_another_charset_is_read_correctly()
    {
        foreach (var (charset, text) in new[]
            {
                ("utf-16", "é🚲"),
                ("utf-16BE", "é🚲"),
                ("utf-32", "é🚲"),
                ("iso-8859-1", "é"),
            }
        )
        {
            var encoding = Encoding.GetEncoding(charset);
            byte[] bytes = [.. encoding.GetPreamble(), .. encoding.GetBytes($$"""{"x":"{{text}}"}""")];

            var answer = await app.Post("/millrace/body/string", bytes, $"application/json; charset={charset}");

            Assert.Equal($"200 {EchoText.Of(text)}", answer);
        }
    }

    [Theory]
    [InlineData("application/json; charset=none", "415")]
    [InlineData("application/json; charset=utf-7", "415")]
    [InlineData("application/json; charset=\"utf-8\"", "200 <5>")]
    public async Task A_charset_that_minimal_API_cannot_read_is_refused_or_read(string contentType, string expected) =>
        Assert.Equal(expected, await app.Post(
            "/millrace/body/int", Encoding.UTF8.GetBytes("""{"x":5}"""), contentType));

    [Fact]
    public async Task Bytes_that_are_invalid_in_the_charset_are_refused()
    {
        Assert.Equal("400", await app.Post("/millrace/body/string", [.. "{\"x\":\""u8, 0xFF, .. "\"}"u8]));
        byte[] half = [0xFF, 0xFE, 0x00, 0xD8, 0x41, 0x00];
        Assert.Equal("400", await app.Post("/millrace/body/string", half, "application/json; charset=utf-16"));
        Assert.Equal("400", await app.Post("/millrace/body/string", Encoding.UTF8.GetBytes("{\"x\":\"\\ud800\"}")));
    }
}
