using System.Globalization;

namespace Millrace.Messaging.Tests;

/// <summary>Copies of a refused request, as a broker brings them: refused for as long as they are not passed
/// over.</summary>
public sealed class RequestCopyTests
{
    private const int TooMany = Stock.InitialStock + 1;

    private readonly InMemoryBroker _broker = new();
    private readonly ManualClock _clock = new();
    private readonly Stock _stock = new();

    [Fact]
    public async Task A_copy_of_a_request_that_was_sent_again_is_refused_until_that_has_expired()
    {
        await using var warehouse = await Warehouse();
        await using var replies = await Replies();
        Assert.True(await IsSettled(warehouse, replies, "1", expiresIn: 10));
        _stock.Add(1);

        _clock.Advance(TimeSpan.FromSeconds(30));
        Assert.True(await IsSettled(warehouse, replies, "1", expiresIn: 60));
        // A minute behind the expiry of the first, and before that of the second.
        _clock.Advance(TimeSpan.FromSeconds(50));
        Assert.True(await IsSettled(warehouse, replies, "1", expiresIn: 10));
        Assert.Equal(TooMany, _stock.Left);

        _clock.Advance(TimeSpan.FromSeconds(71)); // A minute behind the expiry of the second.
        Assert.False((await Ask(warehouse, replies, "1", expiresIn: 10)).Headers.ContainsKey("refused"));
        Assert.Equal(0, _stock.Left);
    }

    [Fact]
    public async Task What_was_done_is_not_done_again_though_keys_are_kept_for_less_than_a_request_may_take()
    {
        await using var warehouse = await Warehouse(idempotencyWindow: TimeSpan.FromMinutes(1));
        await using var replies = await Replies();
        _stock.Add(1);
        var first = await Ask(warehouse, replies, "1", expiresIn: 600);
        _stock.Add(TooMany);

        _clock.Advance(TimeSpan.FromSeconds(599));
        var again = await Ask(warehouse, replies, "1", expiresIn: 1);

        Assert.Equal(first.Body.ToArray(), again.Body.ToArray());
        Assert.Equal(TooMany, _stock.Left);
    }

    /// <summary>So long it would not be kept.</summary>
    [Fact]
    public async Task A_request_with_an_excessive_lifetime_is_refused_and_not_settled()
    {
        await using var warehouse = await Warehouse();
        await using var replies = await Replies();

        Assert.False(await IsSettled(warehouse, replies, "1", expiresIn: 3_662));
        // A minute is what clocks may differ by.
        Assert.True(await IsSettled(warehouse, replies, "2", expiresIn: 3_660));
    }

    [Fact]
    public async Task A_refusal_outlasts_an_inbox_whose_window_is_shorter_than_a_request_may_take()
    {
        await using var warehouse = await Warehouse(inboxWindow: TimeSpan.FromMinutes(2));
        await using var replies = await Replies();
        Assert.True(await IsSettled(warehouse, replies, "1", expiresIn: 600));
        Assert.True(await IsSettled(warehouse, replies, "2", expiresIn: null));
        _stock.Add(1);

        _clock.Advance(TimeSpan.FromSeconds(100));
        Assert.True(await IsSettled(warehouse, replies, "2", expiresIn: 1));
        _clock.Advance(TimeSpan.FromSeconds(499));
        Assert.True(await IsSettled(warehouse, replies, "1", expiresIn: 1));

        Assert.Equal(TooMany, _stock.Left);
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

    /// <summary>Sends a request for more than the stock, which is refused, and returns whether nothing will be done of
    /// it.</summary>
    private async Task<bool> IsSettled(Node warehouse, Listener replies, string id, int? expiresIn)
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
