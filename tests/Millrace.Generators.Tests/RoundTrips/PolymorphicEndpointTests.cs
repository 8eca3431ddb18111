using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Millrace.Generators.Tests.Shop;

namespace Millrace.Generators.Tests.RoundTrips;

/// <summary>Tests commands and answers with listed derived types over HTTP and in OpenAPI.</summary>
public sealed class PolymorphicEndpointTests : IAsyncLifetime, IDisposable
{
    private readonly WebApplication _app = CreateApplication();
    private readonly HttpClient _client = new();

    public async Task InitializeAsync()
    {
        await _app.StartAsync();
        _client.BaseAddress = new Uri(_app.Urls.First());
    }

    public async Task DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    public void Dispose() => _client.Dispose();

    [Theory]
    [InlineData("""{"reader":"r","fee":{"$type":"card","number":"4111","amount":1.50}}""")]
    [InlineData("""{"reader":"r","fee":{"amount":1.50,"number":"4111","$type":"card"}}""")]
    public async Task A_polymorphic_member_is_read_and_a_polymorphic_answer_is_written_with_its_type(string body)
    {
        using var answer = await Post("/fines", body);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("""{"$type":"card","number":"4111","amount":1.50}""", await answer.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("""{"reader":"r","fee":{"amount":1}}""", "fee")]
    [InlineData("""{"reader":"r","fee":{"$type":"cheque","amount":1}}""", "card, cash")]
    [InlineData("""{"reader":"r","fee":{"$type":"card","amount":1}}""", "number")]
    [InlineData("""{"reader":"r","fee":{"$type":"card","amount":1,"Number":"1"}}""", "Did you mean")]
    public async Task A_body_without_a_listed_type_or_with_wrong_members_is_a_bad_request(string body, string message)
    {
        using var answer = await Post("/fines", body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(message, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/readers/r/reminders", """{"kind":1,"address":"a"}""", "\"WriteToReader r\"")]
    [InlineData("/readers/s/reminders", """{"kind":2,"times":3}""", "\"CallReader s\"")]
    public async Task A_command_can_be_one_of_several_types(string path, string body, string expected)
    {
        using var answer = await Post(path, body);

        Assert.Equal(expected, await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task OpenApi_describes_the_listed_types_as_oneOf_with_a_discriminator()
    {
        using var json = JsonDocument.Parse(
            await _client.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative)));

        var document = json.RootElement;
        var schemas = document.GetProperty("components").GetProperty("schemas");
        var fee = schemas.GetProperty("Fee");
        Assert.Equal(
            ["#/components/schemas/FeeAsCardFee", "#/components/schemas/FeeAsCashFee"],
            fee.GetProperty("oneOf").EnumerateArray().Select(element => element.GetProperty("$ref").GetString()));
        var discriminator = fee.GetProperty("discriminator");
        Assert.Equal("$type", discriminator.GetProperty("propertyName").GetString());
        Assert.Equal(
            "#/components/schemas/FeeAsCardFee", discriminator.GetProperty("mapping").GetProperty("card").GetString());
        var card = schemas.GetProperty("FeeAsCardFee");
        Assert.Equal(
            ["$type", "amount", "number"],
            Sorted(card.GetProperty("properties").EnumerateObject().Select(element => element.Name)));
        Assert.Equal(
            ["$type", "amount", "number"],
            Sorted(card.GetProperty("required").EnumerateArray().Select(element => element.GetString()!)));
        var type = card.GetProperty("properties").GetProperty("$type");
        Assert.Equal(
            "[\"card\"]",
            type.GetProperty("enum").GetRawText().Replace(" ", "", StringComparison.Ordinal).ReplaceLineEndings(""));
        var body = document
            .GetProperty("paths")
            .GetProperty("/readers/{reader}/reminders")
            .GetProperty("post")
            .GetProperty("requestBody");
        var schema = body.GetProperty("content")
            .GetProperty("application/json")
            .GetProperty("schema")
            .GetProperty("$ref")
            .GetString();
        Assert.Equal(2, schemas.GetProperty(schema!.Split('/')[^1]).GetProperty("oneOf").GetArrayLength());
    }

    private static IEnumerable<string> Sorted(IEnumerable<string> names) => names.Order(StringComparer.Ordinal);

    private async Task<HttpResponseMessage> Post(string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        return await _client.PostAsync(new Uri(path, UriKind.Relative), content);
    }

    private static WebApplication CreateApplication()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddMillrace(millrace => millrace.UseInMemory().AddModel<ShopModel>());
        builder.Services.AddMillraceProblemDetails();
        builder.Services.AddOpenApi();
        var app = builder.Build();
        app.MapOpenApi();
        app.MapCommand<PayFine>("/fines");
        app.MapCommand<Remind>("/readers/{reader}/reminders");
        return app;
    }
}
