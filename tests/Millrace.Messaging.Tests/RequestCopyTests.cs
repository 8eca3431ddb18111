using System.Globalization;
using Millrace.Model.Tests;

namespace Millrace.Messaging.Tests;

/// <summary>Copies of a refused request, as a broker brings them: refused for as long as they are not passed over.</summary>
public sealed class RequestCopyTests
{
    private const int TooMany = Stock.Begin + 1;

    private readonly InMemoryBroker _broker = new();
    private readonly ManualClock _clock = new();
    private readonly Stock _stock = new();

    [Fact]
    public async Task A_copy_of_a_request_that_was_sent_again_is_refused_until_that_has_expired()
    {
        await using var warehouse = await Warehouse();
        await using var replies = await Replies();
        Assert.True(await IsRefused(warehouse, replies, "1", expiresIn: 10));
        _stock.Add(1);

        _clock.Advance(TimeSpan.FromSeconds(30));
        Assert.True(await IsRefused(warehouse, replies, "1", expiresIn: 60));
        _clock.Advance(TimeSpan.FromSeconds(50)); // A minute behind the expiry of the first, and before that of the second.
        Assert.True(await IsRefused(warehouse, replies, "1", expiresIn: 10));
        Assert.Equal(TooMany, _stock.Left);

        _clock.Advance(TimeSpan.FromSeconds(71)); // A minute behind the expiry of the second.
        Assert.False(await IsRefused(warehouse, replies, "1", expiresIn: 10));
        Assert.Equal(0, _stock.Left);
    }

    [Fact]
    public async Task A_refusal_outlasts_an_inbox_whose_window_is_shorter_than_a_request_may_take()
    {
        await using var warehouse = await Warehouse(inboxWindow: TimeSpan.FromMinutes(2));
        await using var replies = await Replies();
        Assert.True(await IsRefused(warehouse, replies, "1", expiresIn: 600));
        Assert.True(await IsRefused(warehouse, replies, "2", expiresIn: null));
        _stock.Add(1);

        _clock.Advance(TimeSpan.FromSeconds(100));
        Assert.True(await IsRefused(warehouse, replies, "2", expiresIn: 1));
        _clock.Advance(TimeSpan.FromSeconds(499));
        Assert.True(await IsRefused(warehouse, replies, "1", expiresIn: 1));

        Assert.Equal(TooMany, _stock.Left);
    }

    private Task<Node> Warehouse(TimeSpan? inboxWindow = null) => Node.Start(
        millrace => millrace.AddModel(_stock.Register).UseInMemoryTransport(
            transport => transport.Receive("stock", "stock", receiver => receiver.Answer<ReserveStock>())
                .Configure(options => options.InboxWindow = inboxWindow ?? options.InboxWindow),
            _broker),
        time: _clock);

    private async Task<Listener> Replies()
    {
        var transport = new InMemoryTransport(_broker);
        var subscription = new Subscription("answers-heard", "answers") { Types = ["asked"] };
        await transport.Declare(new TransportTopology([], [subscription]), CancellationToken.None);
        return new Listener(await transport.Receive(subscription, CancellationToken.None));
    }

    /// <summary>Sends a request for more than there was, and tells what came of it.</summary>
    private async Task<bool> IsRefused(Node warehouse, Listener replies, string id, int? expiresIn)
    {
        var headers = new Dictionary<string, string> { ["replyto"] = "answers", ["replytype"] = "asked" };
        if (expiresIn is { } seconds)
            headers["expires"] = _clock.GetUtcNow().AddSeconds(seconds).ToString("O", CultureInfo.InvariantCulture);
        var body = System.Text.Encoding.UTF8.GetBytes($$"""{ "product": "1", "quantity": {{TooMany}} }""");
        var request = new Message { Id = id, Type = "reserve-stock", Headers = headers, Body = body };
        await warehouse.Transports.Publish(InMemoryTransport.Name, "stock", request);
        var reply = (await replies.Take(1)).Single();
        return reply.Headers.ContainsKey("refused");
    }
}
