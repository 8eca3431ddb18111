using System.Text;
using Microsoft.AspNetCore.Builder;

namespace Millrace.AspNetCore.Tests.Binding;

/// <summary>Tests that an id selects the same stream in a body, a query string and a route.</summary>
public sealed class PathTests
{
    private static readonly string[] Ids =
    [
        "a/b", "a%2Fb", "a%2fb", "a%252Fb", "/", "//", "/a", "a/", "%", "%2", "%25", "%2F", "%2F/", "/%2F", "a b",
        "a+b", "a?b", "a#b", "a;b", "a&b=c", "é",
        "🚲", "a\\b", "\"", "<b>", "...", "a/../b", "../a", "a/..", "./a", "%2E%2E", "a%FFb", "%FF/%2F", "\u0001",
        "\n", "\uFEFF", "\uFFFF", "x.y", "-",
    ];

    public static TheoryData<string> All => [.. Ids];

    [Theory]
    [MemberData(nameof(All))]
    public async Task The_same_id_in_body_query_and_route_is_one_value(string id)
    {
        await using var app = await Start();
        var escaped = Uri.EscapeDataString(id);

        var body = await Post(app,
            "/things/name", $$"""{"id":{{System.Text.Json.JsonSerializer.Serialize(id)}},"name":"n"}""");
        var query = await Post(app, $"/things/name?id={escaped}", """{"name":"n"}""");
        var route = await Post(app, $"/things/{escaped}/name", """{"name":"n"}""");
        var catchAll = await Post(app, $"/all/{escaped}", """{"name":"n"}""");
        var part = await Post(app, $"/parts/x-{escaped}.v1", """{"name":"n"}""");

        Assert.All((string?[])[body, query, route, catchAll, part], answer => Assert.Equal(id, answer));
    }

    [Theory]
    [InlineData(".")]
    [InlineData("..")]
    public async Task An_id_of_dots_works_in_the_query_string_and_in_the_body(string id)
    {
        await using var app = await Start();

        Assert.Equal(id, await Post(app, $"/things/name?id={id}", """{"name":"n"}"""));
        Assert.Equal(id, await Post(app, "/things/name", $$"""{"id":"{{id}}","name":"n"}"""));
    }

    [Theory]
    [InlineData("/base/things/a%2Fb%252F/name", "a/b%2F")]
    [InlineData("/base/x/../things/a%2Fb%252F/./name", "a/b%2F")]
    [InlineData("/base/things/%2E%2E/things/%2F%252F/name", "/%2F")]
    [InlineData("/b%61se/things/a%2Fb/name/", "a/b")]
    [InlineData("/moved/a%2Fb", "a/b")]
    public async Task An_id_is_read_after_a_path_base_after_dot_segments_and_after_a_rewrite(
        string path, string expected)
    {
        await using var app = await Start(web =>
        {
            web.UsePathBase("/base");
            web.Use((http, next) =>
            {
                if (http.Request.Path.StartsWithSegments("/moved", out var rest))
                    http.Request.Path = "/things" + rest + "/name";
                return next(http);
            });
            web.UseRouting();
        });

        Assert.Equal(expected, await Post(app, path, """{"name":"n"}"""));
    }

    private static Task<NamedApp> Start(Action<WebApplication>? first = null) => NamedApp.Start(first);

    private static async Task<string?> Post(NamedApp app, string target, string body)
    {
        var options = new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true };
        Assert.True(
            Uri.TryCreate(app.Client.BaseAddress!.GetLeftPart(UriPartial.Authority) + target, options, out var uri));
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await app.Client.PostAsync(uri, content);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{target}: {text}");
        return System.Text.Json.JsonSerializer.Deserialize<string>(text);
    }
}
