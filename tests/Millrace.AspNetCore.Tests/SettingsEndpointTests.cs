using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Millrace.AspNetCore.Tests;

/// <summary>Tests that operators see the settings of a node over HTTP.</summary>
public sealed class SettingsEndpointTests
{
    private const string Root = "/millrace/settings";

    [Fact]
    public async Task Settings_are_listed_with_their_values_and_sources()
    {
        await using var app = await OperatorsApp.Start(
            millrace: static millrace => millrace.ConfigureConsumers(static options => options.Retries = 7));

        var settings = await List(app);

        Assert.Equal("7", settings["Millrace:Consumers:Retries"].GetProperty("value").GetString());
        Assert.Equal("code", settings["Millrace:Consumers:Retries"].GetProperty("source").GetString());
        Assert.Equal("1000", settings["Millrace:PageEvents"].GetProperty("value").GetString());
        Assert.Equal("default", settings["Millrace:PageEvents"].GetProperty("source").GetString());
        Assert.False(settings["Millrace:Consumers:Workers"].TryGetProperty("value", out _));
    }

    [Fact]
    public async Task A_change_that_needs_a_restart_is_shown_beside_the_value_in_effect()
    {
        await using var app = await OperatorsApp.Start();
        var configuration = app.Services.GetRequiredService<IConfiguration>();

        configuration["Millrace:PageEvents"] = "500";
        var setting = (await List(app))["Millrace:PageEvents"];

        Assert.Equal("1000", setting.GetProperty("value").GetString());
        Assert.Equal("500", setting.GetProperty("pendingValue").GetString());
        Assert.Equal("needs a restart", setting.GetProperty("pendingReason").GetString());
    }

    [Theory]
    [InlineData("Millrace:Kafka:Settings:sasl.password", "hunter2", "***")]
    [InlineData("Millrace:Own:ApiKey", "hunter2", "***")]
    [InlineData("Millrace:Messaging:rabbitmq:Address", "amqps://shop:hunter2@mq:5671", "amqps://***@mq:5671")]
    [InlineData("Millrace:Notifications:slack:Url", "https://hooks.example/hunter2", "https://hooks.example/***")]
    [InlineData("Millrace:ConnectionString", "Host=db;Password=hunter2;Timeout=5", "Host=db;Password=***;Timeout=5")]
    public async Task Secrets_are_masked(string key, string value, string shown)
    {
        await using var app = await OperatorsApp.Start();

        app.Services.GetRequiredService<IConfiguration>()[key] = value;
        var response = await app.Client.GetAsync(Root);
        var text = await response.Content.ReadAsStringAsync();

        Assert.DoesNotContain("hunter2", text, StringComparison.Ordinal);
        Assert.Equal(shown, (await List(app))[key].GetProperty("pendingValue").GetString());
    }

    [Fact]
    public async Task A_user_who_is_no_operator_does_not_see_them()
    {
        await using var app = await OperatorsApp.Start(user: "eve");

        var response = await app.Client.GetAsync(Root);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    private static async Task<Dictionary<string, JsonElement>> List(LibraryApp app)
    {
        var answer = await (await app.Client.GetAsync(Root)).Json();
        return answer.GetProperty("settings").EnumerateArray().ToDictionary(
            static setting => setting.GetProperty("key").GetString()!, // Not null: each setting has a key.
            StringComparer.Ordinal);
    }
}
