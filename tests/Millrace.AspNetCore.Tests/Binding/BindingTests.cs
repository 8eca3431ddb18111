using System.Globalization;
using System.Text;

namespace Millrace.AspNetCore.Tests.Binding;

/// <summary>
/// Tests that Millrace binds routes and query strings as minimal API does. The tests send the same target to both.
/// <see cref="Expected"/> contains each difference that the documentation describes.
/// </summary>
public sealed class BindingTests(EchoApp app) : IClassFixture<EchoApp>
{
    private static readonly string[] Texts =
    [
        "a", "ab", "A", "5", "%205", "5%20", "+5", "%2B5", "-0", "-1", "--1", "007", "1.0", "1.50", ".5", "5.",
        "1,000", "1,0,0", "1.000,5", "1e2", "1E%2B2",
        "0x1F", "1_000", "(5)", "$5", "%C2%A05", "%D9%A1", "128", "256", "32768", "65536", "2147483647",
        "2147483648", "-2147483649", "4294967296",
        "9223372036854775808", "18446744073709551616", "170141183460469231731687303715884105728", "1e9", "1e39",
        "1e400", "-1e400", "NaN",
        "Infinity", "-Infinity", "%E2%88%9E", "79228162514264337593543950336", "0.1234567890123456789012345678901",
        "true", "TRUE", "%20true%20", "false", "1", "0", "on", "yes", "null", "undefined",
        "Monday", "monday", "%20monday%20", "Monday,Tuesday", "Monday,%20Sunday", "99", "+1", "High", "HIGH",
        "high", "hIgH", "7", "8", "Read", "read",
        "Read,Write", "read%2C%20write", "3", "255",
        "0190a9a4-0000-7000-8000-000000000001", "0190A9A4000070008000000000000001",
        "%7B0190a9a4-0000-7000-8000-000000000001%7D",
        "(0190a9a4-0000-7000-8000-000000000001)", "%200190a9a4-0000-7000-8000-000000000001",
        "00000000-0000-0000-0000-000000000000",
        "2024-01-02", "01%2F02%2F2024", "2024-02-30", "2024-01-02T03:04:05", "2024-01-02T03:04:05Z",
        "2024-01-02T03:04:05%2B02:00",
        "2024-01-02T03:04:05+02:00", "2024-01-02%2003:04", "%202024-01-02", "2024-01-02T03:04:05.1234567",
        "2024-01-02T03:04:05.12345678901",
        "0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59.9999999Z", "Tue,%2002%20Jan%202024%2003:04:05%20GMT",
        "10:00:00", "10:00:00.1234567", "24:00:00", "23:59:60", "1.02:03:04", "-1.02:03:04", "PT5M", "5:5",
        "http://a/b?c", "//a", "a%20b", "a+b", "http://", ":", "a%2Fb", "a%2fb", "a%252Fb", "a%252fb", "a%25b",
        "%25", "%2F", "%2F%2F", "%252F%2F", "%2F%252F",
        "%25252F", "%%2F", "%2%2F", "a%2Fb%FF", "%FF%252F", "%C3%A9", "%FF", "%C3%28", "%ED%A0%80", "%EF%BB%BFa",
        "%EF%BF%BF", "%F0%9F%9A%B2", "a%5Cb",
        "a;b", "a;x=1", "a%3Fb", "a%23b", "%zz", "a%2", "a%", "%20", "%09", "%7F", "'", "\"", "%3Cb%3E", "...",
        ".a", "a.", "%2E%2E%2F", "%252E%252E",
    ];

    /// <summary>Texts that have a special meaning in a path.</summary>
    private static readonly string[] PathTexts =
    [
        "", "/", "a/", "a//", "/a", "a/b", ".", "..", "%2E", "%2e%2E", "./a", "../a", "a/.", "a/..", "%00",
        "a%00b", "a/%2E%2E/b", "x%2F../b", "x%2F..",
    ];

    public static TheoryData<string> Types => [.. EchoTypes.All.Select(type => type.Name)];

    public static TheoryData<string> Lists => [.. EchoTypes.Lists.Select(type => type.Name)];

    [Theory]
    [MemberData(nameof(Types))]
    public async Task A_query_string_is_bound_as_minimal_API_binds_it(string name)
    {
        var type = EchoTypes.All.Single(type => type.Name == name);
        string[] queries =
        [
            "",
            "?x",
            "?x=",
            "?X=5",
            "?y=5",
            "?x=&y=1",
            "?x=%00",
            "?x=5%00",
            "?x==5",
            "?=5",
            "?x=%26&y=1",
            "?x=..",
            "?x=.",
        ];
        foreach (var query in queries.Concat(Texts.Concat(RandomTexts()).Select(text => "?x=" + text)))
        {
            var minimal = await app.Get($"/minimal/query/{name}{query}");

            var actual = await app.Get($"/millrace/query/{name}{query}");

            Assert.Equal((query, await Expected(type, query, minimal)), (query, actual));
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public async Task A_route_value_is_bound_as_minimal_API_binds_it_except_for_an_escaped_slash(string name)
    {
        var type = EchoTypes.All.Single(type => type.Name == name);
        foreach (var text in Texts.Concat(PathTexts).Concat(RandomTexts()))
        {
            var hasSlash = text.Contains("%2F", StringComparison.OrdinalIgnoreCase);
            var query = "?x=" + text.Replace("+", "%2B", StringComparison.Ordinal);
            var minimal = await app.Get(hasSlash && !PathTexts.Contains(text)
                // In the query string, the value is a slash. Everything else is the same.
                ? $"/minimal/query/{name}{query}"
                : $"/minimal/route/{name}/{text}");

            var actual = await app.Get($"/millrace/route/{name}/{text}");

            if (PathTexts.Contains(text) && hasSlash)
                continue; // The path has a dot segment after an escaped slash, which PathTests covers.
            Assert.Equal((text, minimal == "404" ? "404" : await Expected(type, query, minimal)), (text, actual));
        }
    }

    [Theory]
    [MemberData(nameof(Lists))]
    public async Task A_list_is_bound_as_minimal_API_binds_an_array(string name)
    {
        string[] queries =
        [
            "", "?x", "?x=", "?x=&x=", "?x=1", "?x=1&x=2", "?x=2&x=1&x=2", "?x=1&x=&x=2", "?x=1,2", "?X=1&x=2",
            "?x=Monday&x=Sunday", "?x=2024-01-02&x=",
            "?x=a%2Fb&x=a%252Fb", "?x=0190a9a4-0000-7000-8000-000000000001&x=00000000-0000-0000-0000-000000000000",
            "?x=%20", "?x=1&y=2", "?x=null",
        ];
        foreach (var query in queries)
        {
            var minimal = await app.Get($"/minimal/query/{name}{query}");

            Assert.Equal((query, minimal), (query, await app.Get($"/millrace/query/{name}{query}")));
        }
    }

    [Theory]
    [InlineData("intOrNull", "?x=")]
    [InlineData("intOrNull", "?x")]
    [InlineData("intOrNull", "")]
    [InlineData("datetimeOrNull", "?x=")]
    public async Task An_empty_value_of_a_nullable_type_is_null_as_in_controllers(string name, string query)
    {
        Assert.Equal("200 null", await app.Get($"/millrace/query/{name}{query}"));
        Assert.Equal("200 null", await app.Get($"/controllers/query/{name}{query}"));
    }

    [Theory]
    [InlineData("int", "?x=1&x=1")]
    [InlineData("string", "?x=1&x=2")]
    [InlineData("dayofweek", "?x=Monday&X=Sunday")]
    [InlineData("sku", "?x=1&x=2")]
    public async Task A_single_value_that_occurs_twice_is_refused(string name, string query) =>
        Assert.Equal("400", await app.Get($"/millrace/query/{name}{query}"));

    [Fact]
    public async Task Repeated_flags_are_combined_as_minimal_API_does()
    {
        Assert.Equal("200 <All>", await app.Get("/minimal/query/access?x=Read&x=Write"));
        Assert.Equal("200 <All>", await app.Get("/millrace/query/access?x=Read&x=Write"));
        Assert.Equal("200 <All>", await app.Get("/millrace/query/access?x=read&x=write"));
    }

    /// <summary>Returns the answer of minimal API, changed by the documented differences of Millrace.</summary>
    private async Task<string> Expected(EchoType type, string query, string minimal)
    {
        var text = query.StartsWith("?x", StringComparison.OrdinalIgnoreCase) ? query[2..].Split('&')[0] : "";
        text = text.StartsWith('=') ? text[1..] : text;
        if (text.Length == 0)
            // Millrace binds as controllers do.
            return type.IsNullable && query.StartsWith("?x", StringComparison.OrdinalIgnoreCase) ? "200 null" : minimal;
        if (type.Inner != typeof(Sku) && minimal is "200 <NaN>" or "200 <Infinity>" or "200 <-Infinity>")
            return "400"; // JSON cannot represent such a number.
        if (minimal == "400" && (type.Inner == typeof(decimal) || type.Inner == typeof(Price)))
        {
            // Millrace accepts an exponent, as controllers and JSON do.
            var controllers = await app.Get($"/controllers/query/decimal{query}");
            return type.Inner == typeof(Price) && controllers.StartsWith("200 <-", StringComparison.Ordinal)
                ? "400"
                : controllers;
        }
        return type.Inner.IsEnum ? await ExpectedEnum(type, text, minimal) : minimal;
    }

    /// <summary>
    /// Returns the expected answer for an enumeration. Names are case-insensitive. Only flags may have several names or
    /// a number without a name.
    /// </summary>
    private async Task<string> ExpectedEnum(EchoType type, string text, string minimal)
    {
        var unescaped = Uri.UnescapeDataString(text.Replace('+', ' '));
        if (minimal == "400")
        {
            var named = Uri.EscapeDataString(CultureInfo.InvariantCulture.TextInfo.ToTitleCase(unescaped));
            minimal = await app.Get($"/minimal/query/{type.Name}?x={named}");
        }
        if (type.Inner == typeof(Access) || minimal == "400")
            return minimal;
        return Enum.IsDefined(type.Inner, minimal[5..^1]) && !unescaped.Contains(',', StringComparison.Ordinal)
            ? minimal
            : "400";
    }

    /// <summary>Returns random texts of the characters of numbers, times, names and escapes.</summary>
    private static IEnumerable<string> RandomTexts()
    {
        const string Characters = "0123456789001122++--..,,::eETZxX  %/aMond";
        var random = new Random(6);
        for (var i = 0; i < 60; i++)
        {
            var text = new StringBuilder();
            for (var length = random.Next(1, 9); length > 0; length--)
                text.Append(
                    Uri.EscapeDataString(
                        Characters[random.Next(Characters.Length)].ToString(CultureInfo.InvariantCulture)));
            yield return text.ToString();
        }
    }
}
