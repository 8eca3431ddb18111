using System.Text.Json;

namespace Millrace.AspNetCore.Tests;

public sealed class OpenApiTests
{
    [Fact]
    public async Task Commands_and_queries_are_described_with_their_schemas()
    {
        await using var app = await LibraryApp.Start();

        var document = await (await app.Client.GetAsync("/openapi/v1.json")).Json();

        var paths = document.GetProperty("paths");
        var add = paths.GetProperty("/books").GetProperty("post");
        Assert.Equal("add-book", add.GetProperty("operationId").GetString());
        Assert.True(add.GetProperty("responses").TryGetProperty("201", out _));
        Assert.True(add.GetProperty("responses").TryGetProperty("422", out _));
        var body = add.GetProperty("requestBody").GetProperty("content").GetProperty("application/json");
        var schema = Resolve(document, body.GetProperty("schema"));
        Assert.Equal(
            ["book", "copies", "note", "shelf", "title"],
            schema.GetProperty("properties").EnumerateObject().Select(property => property.Name).Order());
    }

    [Fact]
    public async Task Parameters_in_route_and_query_string_are_described()
    {
        await using var app = await LibraryApp.Start();

        var document = await (await app.Client.GetAsync("/openapi/v1.json")).Json();

        var find = document.GetProperty("paths").GetProperty("/books/{book}").GetProperty("get");
        var parameters = find.GetProperty("parameters").EnumerateArray()
            .Select(parameter => (parameter.GetProperty("name").GetString(), parameter.GetProperty("in").GetString()));
        Assert.Equal(
            [
                ("book", "path"),
                ("atLeast", "query"),
                ("words", "query"),
                ("Millrace-Token", "header"),
                ("wait", "query"),
            ],
            parameters);
        var answer = find.GetProperty("responses")
            .GetProperty("200")
            .GetProperty("content")
            .GetProperty("application/json");
        Assert.True(
            Resolve(document, answer.GetProperty("schema")).GetProperty("properties").TryGetProperty("free", out _));
    }

    [Fact]
    public async Task Parameters_of_a_command_without_a_body_are_described()
    {
        await using var app = await LibraryApp.Start();

        var document = await (await app.Client.GetAsync("/openapi/v1.json")).Json();

        var drop = document.GetProperty("paths").GetProperty("/books/{book}").GetProperty("delete");
        var parameters = drop.GetProperty("parameters").EnumerateArray()
            .Select(parameter => (parameter.GetProperty("name").GetString(), parameter.GetProperty("in").GetString()));
        Assert.Equal([("book", "path"), ("reason", "query"), ("Idempotency-Key", "header")], parameters);
        Assert.False(drop.TryGetProperty("requestBody", out _));
        Assert.True(drop.GetProperty("responses").TryGetProperty("204", out _));
    }

    private static JsonElement Resolve(JsonElement document, JsonElement schema) =>
        schema.TryGetProperty("$ref", out var reference)
            ? document
                .GetProperty("components")
                .GetProperty("schemas")
                .GetProperty(reference.GetString()!.Split('/')[^1])
            : schema;
}
