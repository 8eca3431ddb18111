using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Millrace.Notifications.Tests;

/// <summary>Webhooks to a real HTTP server.</summary>
public sealed class WebhookChannelTests : IAsyncLifetime
{
    private const string Secret = "a secret of the receiver";

    private readonly List<(IHeaderDictionary Headers, byte[] Body)> _received = [];
    private readonly WebApplication _receiver;
    private int _status = 204;

    public WebhookChannelTests()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        _receiver = builder.Build();
        _receiver.MapPost("/hook", Receive);
    }

    private Uri Url => new(new Uri(_receiver.Services.GetRequiredService<IServer>().Features
        .Get<IServerAddressesFeature>()!.Addresses.First()), "/hook"); // Kestrel has it.

    public Task InitializeAsync() => _receiver.StartAsync();

    public async Task DisposeAsync() => await _receiver.DisposeAsync();

    [Fact]
    public async Task A_notice_is_signed_and_has_the_key_of_the_notice()
    {
        using var channel = new WebhookChannel("hook", Url, Secret, TimeProvider.System);
        await channel.Send(NoticeSamples.One, default);
        var (headers, body) = Assert.Single(_received);
        Assert.Equal(NoticeSamples.One.Id, headers[WebhookSignature.IdempotencyHeader]);
        Assert.True(IsValid(headers, body, Secret, TimeSpan.Zero));
        Assert.False(IsValid(headers, body, "another secret of it", TimeSpan.Zero));
        Assert.False(IsValid(headers, [.. body, 32], Secret, TimeSpan.Zero));
        Assert.False(IsValid(headers, body, Secret, TimeSpan.FromMinutes(6))); // A replay.
        using var json = JsonDocument.Parse(body);
        var alert = Assert.Single(json.RootElement.GetProperty("items").EnumerateArray());
        Assert.Equal(
            ("Fired", "memory-1", "Critical", 0.95),
            (alert.GetProperty("kind").GetString(), alert.GetProperty("alert").GetString(),
                alert.GetProperty("severity").GetString(), alert.GetProperty("value").GetDouble()));
    }

    [Fact]
    public async Task A_change_of_the_number_of_nodes_is_signed_and_has_its_id_as_the_key()
    {
        using var hook = new CapacityWebhook(Url, Secret);
        var change = new CapacityChange
        {
            Id = "abc",
            Nodes = 3,
            PreviousNodes = 2,
            Reason = CapacityReason.ConsumerLag,
            Explanation = "late",
            At = DateTimeOffset.UnixEpoch,
        };

        await hook.SetNodes(change, default);
        _status = 503;
        await Assert.ThrowsAsync<HttpRequestException>(() => hook.SetNodes(change, default));

        var (headers, body) = _received[0];
        Assert.Equal("abc", headers[WebhookSignature.IdempotencyHeader]);
        Assert.True(IsValid(headers, body, Secret, TimeSpan.Zero));
        using var json = JsonDocument.Parse(body);
        Assert.Equal(
            (3, "ConsumerLag"),
            (json.RootElement.GetProperty("nodes").GetInt32(), json.RootElement.GetProperty("reason").GetString()));
    }

    [Theory]
    [InlineData(500)]
    [InlineData(404)]
    [InlineData(302)]
    public async Task A_notice_that_is_not_accepted_is_an_error(int status)
    {
        _status = status;
        using var channel = new WebhookChannel("hook", Url, null, TimeProvider.System);
        await Assert.ThrowsAsync<HttpRequestException>(() => channel.Send(NoticeSamples.One, default));
        Assert.False(Assert.Single(_received).Headers.ContainsKey(WebhookSignature.SignatureHeader));
    }

    [Fact]
    public async Task A_message_for_Slack_has_escaped_text()
    {
        using var channel = new SlackChannel("slack", Url, TimeProvider.System);
        await channel.Send(NoticeSamples.Of(NoticeSamples.Item with { Subject = "<!here>" }), default);
        using var json = JsonDocument.Parse(Assert.Single(_received).Body);
        var text = json.RootElement.GetProperty("text").GetString();
        Assert.StartsWith("[critical] memory-1 fired for &lt;!here&gt; on n1\n", text, StringComparison.Ordinal);
        Assert.Contains("memory 0.95, threshold 0.9", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_address_of_a_webhook_is_not_in_spans()
    {
        var urls = new ConcurrentBag<string?>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "System.Net.Http",
            Sample = static (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => urls.Add(activity.GetTagItem("url.full") as string),
        };
        ActivitySource.AddActivityListener(listener);
        using var channel = new SlackChannel("slack", Url, TimeProvider.System);
        await channel.Send(NoticeSamples.One, default);
        using var client = new HttpClient();
        using var other = await client.PostAsync(Url, null); // Shows that the listener works.
        Assert.Equal(2, _received.Count);
        Assert.Single(urls, url => url == Url.AbsoluteUri);
    }

    [Fact]
    public void A_long_notice_names_some_alerts_and_counts_the_others()
    {
        var notice = NoticeSamples.Of([.. Enumerable.Repeat(NoticeSamples.Item, 120)]) with { Omitted = 3 };
        Assert.Equal("[critical] alerts: 120 fired", NoticeText.Subject(notice));
        var lines = NoticeText.Body(notice).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal((51, "… and 73 more"), (lines.Length, lines[^1]));
    }

    private static bool IsValid(IHeaderDictionary headers, byte[] body, string secret, TimeSpan late) =>
        WebhookSignature.IsValid(
            secret,
            headers[WebhookSignature.TimestampHeader],
            headers[WebhookSignature.SignatureHeader],
            body,
            TimeProvider.System.GetUtcNow() + late,
            TimeSpan.FromMinutes(5));

    private async Task Receive(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        _received.Add((new HeaderDictionary(http.Request.Headers.ToDictionary()), body.ToArray()));
        http.Response.StatusCode = _status;
        if (_status == 302)
            http.Response.Headers.Location = "/hook";
    }
}
