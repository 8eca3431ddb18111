using System.Text;
using Millrace.Consuming;

namespace Millrace.Tests.Protection;

/// <summary>Tests that a page that was read ahead does not return values that were erased in the meantime.</summary>
public sealed class ReadAheadErasureTests : IAsyncDisposable
{
    private const string Marker = "MarkerEmail1815";
    private const int PageEvents = 2;
    private const int Events = 12;

    // A page of two events from memory is read in less than a millisecond. A shorter time can only hide an error.
    private static readonly TimeSpan ReadAheadTime = TimeSpan.FromMilliseconds(300);
    private static readonly StreamId Stream = new("customer-1");

    private readonly ProtectionSample _sample = new();

    public ValueTask DisposeAsync() => _sample.DisposeAsync();

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_reader_does_not_return_erased_values_of_a_page_that_was_read_ahead(
        bool readsLog, bool isBackwards)
    {
        var store = await OpenWithEvents();
        var events = (readsLog, isBackwards) switch
        {
            (true, true) => store.ReadLogBackwards(new EventFilter { Types = ["customer.registered"] }),
            (true, false) => store.ReadLog(new EventFilter { Types = ["customer.registered"] }),
            (false, true) => store.ReadStreamBackwards(Stream),
            _ => store.ReadStream(Stream),
        };
        var texts = new List<string>();

        await foreach (var recorded in events)
        {
            texts.Add(TextOf(recorded));
            if (texts.Count == PageEvents * 2) // The next page is being read.
                await Erase(store);
        }

        Assert.Equal(Events, texts.Count);
        Assert.All(texts.Take(PageEvents * 2), static text => Assert.Contains(Marker, text, StringComparison.Ordinal));
        Assert.All(texts.Skip(PageEvents * 2), static text => Assert.Equal("""{"email":"[erased]"}""", text));
    }

    [Fact]
    public async Task A_consumer_does_not_receive_erased_values_of_a_page_that_was_read_ahead()
    {
        var store = await OpenWithEvents();
        var feed = new LogFeed(store, EventFilter.All, new ConsumerOptions { BatchEvents = PageEvents })
        {
            MaxEvents = PageEvents,
        };
        var first = await feed.Read(0, max: null, CancellationToken.None);

        await Erase(store);
        var next = await feed.Read(first.Through, max: null, CancellationToken.None);
        while (!next.Events.Any(static recorded => recorded.Type == "customer.registered"))
            next = await feed.Read(next.Through, max: null, CancellationToken.None);
        await feed.End();

        Assert.DoesNotContain(
            next.Events, static recorded => TextOf(recorded).Contains(Marker, StringComparison.Ordinal));
    }

    private static string TextOf(RecordedEvent recorded) => ProtectionSample.Text(recorded.Payload);

    private async Task<EventStore> OpenWithEvents()
    {
        var store = await _sample.Open(options: new StoreOptions { PageEvents = PageEvents, TailEvents = 0 });
        for (var i = 0; i < Events; i++)
            await store.Append(
                Stream,
                ExpectedVersion.Any,
                [NewEvent.FromBytes("customer.registered", Encoding.UTF8.GetBytes($$"""{"email":"{{Marker}}"}"""))]);
        return store;
    }

    private async Task Erase(EventStore store)
    {
        await Task.Delay(ReadAheadTime);
        await _sample.Keys.Destroy(new KeyOwner("", "customer-1", KeyOwner.AllKinds), CancellationToken.None);
        store.Stored.ForgetValues();
    }
}
