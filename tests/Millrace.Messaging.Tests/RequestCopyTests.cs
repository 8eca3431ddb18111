using System.Globalization;

namespace Millrace.Messaging.Tests;

/// <summary>
/// Tests copies of a refused request that a broker delivers. A copy is refused until the request has expired.
/// </summary>
public sealed class RequestCopyTests
{
    private const int TooMany = Stock.InitialStock + 1;

    private readonly InMemoryBroker _broker = new();
    private readonly ManualClock _clock = new();
    private readonly Stock _stock = new();

    [Fact]
    public async Task A_copy_is_refused_until_the_repeated_request_has_expired()
    {
        await using var warehouse = await Warehouse();
        await using var replies = await Replies();
        Assert.True(await IsRefusedFinally(warehouse, replies, "1", expiresIn: 10));
        _stock.Add(1);

        _clock.Advance(TimeSpan.FromSeconds(30));
        Assert.True(await IsRefusedFinally(warehouse, replies, "1", expiresIn: 60));
        // More than a minute after the expiry of the first request, and before the expiry of the second one.
        _clock.Advance(TimeSpan.FromSeconds(50));
        Assert.True(await IsRefusedFinally(warehouse, replies, "1", expiresIn: 10));
        Assert.Equal(TooMany, _stock.Remaining);

        _clock.Advance(TimeSpan.FromSeconds(71)); // More than a minute after the expiry of the second request.
        Assert.False((await Ask(warehouse, replies, "1", expiresIn: 10)).Headers.ContainsKey("refused"));
        Assert.Equal(0, _stock.Remaining);
    }

    [Fact]
    public async Task A_request_that_outlives_the_idempotency_window_is_handled_once()
    {
        await using var warehouse = await Warehouse(idempotencyWindow: TimeSpan.FromMinutes(1));
        await using var replies = await Replies();
        _stock.Add(1);
        var first = await Ask(warehouse, replies, "1", expiresIn: 600);
        _stock.Add(TooMany);

        _clock.Advance(TimeSpan.FromSeconds(599));
        var repeated = await Ask(warehouse, replies, "1", expiresIn: 1);

        Assert.Equal(first.Body.ToArray(), repeated.Body.ToArray());
        Assert.Equal(TooMany, _stock.Remaining);
    }

    /// <summary>The inbox does not keep a refusal for the lifetime of this request.</summary>
    [Fact]
    public async Task A_refusal_of_a_request_with_an_excessive_lifetime_is_not_final()
    {
        await using var warehouse = await Warehouse();
        await using var replies = await Replies();

        Assert.False(await IsRefusedFinally(warehouse, replies, "1", expiresIn: 3_662));
        // The clocks of two nodes may differ by a minute.
        Assert.True(await IsRefusedFinally(warehouse, replies, "2", expiresIn: 3_660));
    }

    [Fact]
    public async Task A_refusal_is_kept_longer_than_a_short_inbox_window()
    {
        await using var warehouse = await Warehouse(inboxWindow: TimeSpan.FromMinutes(2));
        await using var replies = await Replies();
        Assert.True(await IsRefusedFinally(warehouse, replies, "1", expiresIn: 600));
        Assert.True(await IsRefusedFinally(warehouse, replies, "2", expiresIn: null));
        _stock.Add(1);

        _clock.Advance(TimeSpan.FromSeconds(100));
        Assert.True(await IsRefusedFinally(warehouse, replies, "2", expiresIn: 1));
        _clock.Advance(TimeSpan.FromSeconds(499));
        Assert.True(await IsRefusedFinally(warehouse, replies, "1", expiresIn: 1));

        Assert.Equal(TooMany, _stock.Remaining);
    }

    private Task<Node> Warehouse(TimeSpan? inboxWindow = null, TimeSpan? idempotencyWindow = null) =>
        Node.Start(
            millrace =>
                millrace
                    .AddModel(_stock.Register)
                    .ConfigureCommands(options =>
                        options.IdempotencyWindow = idempotencyWindow ?? options.IdempotencyWindow)
                    .UseInMemoryTransport(
                        transport =>
                            transport
                                .Receive("stock", "stock", receiver => receiver.Answer<ReserveStock>())
                                .Configure(options =>
                                    (options.InboxWindow, options.AnswersTo) = (
                                        inboxWindow ?? options.InboxWindow,
                                        ["answers"])),
                        _broker),
            time: _clock);

    private async Task<Listener> Replies()
    {
        var transport = new InMemoryTransport(_broker);
        var subscription = new Subscription("answers-heard", "answers") { Types = ["asked"] };
        await transport.Declare(new TransportTopology([], [subscription]), CancellationToken.None);
        return new Listener(await transport.Receive(subscription, CancellationToken.None));
    }

    /// <summary>
    /// Sends a request for more than the stock, which is refused, and returns whether the refusal is final.
    /// </summary>
    private async Task<bool> IsRefusedFinally(Node warehouse, Listener replies, string id, int? expiresIn)
    {
        var reply = await Ask(warehouse, replies, id, expiresIn);
        Assert.Equal(nameof(InvariantViolatedException), reply.Headers["refused"]);
        return reply.Headers.TryGetValue("settled", out var settled) && settled == "true";
    }

    private async Task<Message> Ask(Node warehouse, Listener replies, string id, int? expiresIn)
    {
        var headers = new Dictionary<string, string> { ["replyto"] = "answers", ["replytype"] = "asked" };
        if (expiresIn is { } seconds)
            headers["expires"] = _clock.GetUtcNow().AddSeconds(seconds).ToString("O", CultureInfo.InvariantCulture);
        var body = System.Text.Encoding.UTF8.GetBytes($$"""{ "product": "1", "quantity": {{TooMany}} }""");
        var request = new Message { Id = id, Type = "reserve-stock", Headers = headers, Body = body };
        await warehouse.Transports.Publish(InMemoryTransport.Name, "stock", request);
        return (await replies.Take(1)).Single();
    }
}
