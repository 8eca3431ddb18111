using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;

namespace Millrace.AspNetCore.Tests;

/// <summary>Tests the HTTP endpoint for members with sensitive names and plain values.</summary>
public sealed class UnmarkedMemberEndpointTests
{
    private const string Route = "/millrace/unmarked-members";

    [Fact]
    public async Task Members_are_listed_without_values_and_counted_in_the_health()
    {
        await using var app = await OperatorsApp.Start();
        var none = await (await app.Client.GetAsync(Route)).Json();
        var lead = NewEvent.FromBytes("lead.found", Encoding.UTF8.GetBytes("""{"owner":{"e-mail":"ada@example.org"}}"""));
        await app.Services.GetRequiredService<EventStore>().Append(
            new StreamId("lead-1"), ExpectedVersion.Any, [lead]);

        var response = await app.Client.GetAsync(Route);
        var health = await (await app.Client.GetAsync("/health")).Json();

        Assert.Empty(none.EnumerateArray());
        var text = await response.Content.ReadAsStringAsync();
        Assert.Equal("""[{"eventType":"lead.found","path":"/owner/e-mail","word":"e mail"}]""", text);
        Assert.Equal(1, health.GetProperty("unmarkedMembers").GetInt32());
    }

    [Theory]
    [InlineData(null, HttpStatusCode.Unauthorized)]
    [InlineData("bob", HttpStatusCode.Forbidden)]
    public async Task Callers_without_the_operator_role_get_no_data(string? user, HttpStatusCode expected)
    {
        await using var app = await OperatorsApp.Start(user: user);

        Assert.Equal(expected, (await app.Client.GetAsync(Route)).StatusCode);
    }
}
