using System.Text;

namespace Millrace.Tests.Protection;

/// <summary>Tests pages with so many encrypted events that several processors decrypt them.</summary>
public sealed class LargePageTests : IAsyncDisposable
{
    private const int Events = 1_000;

    private readonly ProtectionSample _sample = new();

    public ValueTask DisposeAsync() => _sample.DisposeAsync();

    [Fact]
    public async Task Every_event_of_a_large_page_is_decrypted_in_its_place()
    {
        var store = await _sample.Open();
        await Append(store);

        var read = await Read(store);

        Assert.Equal(Enumerable.Range(0, Events).Select(Payload), read);
        Assert.DoesNotContain("@example.org", await _sample.Stored("customer-1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_destroyed_key_affects_the_events_of_its_subject_in_a_large_page()
    {
        var store = await _sample.Open();
        await Append(store);
        await _sample.Keys.Destroy(new KeyOwner("", "customer-3", "personal"), CancellationToken.None);

        var read = await Read(store);

        for (var i = 0; i < Events; i++)
            Assert.Equal(i % 10 == 3 ? "{\"n\":" + i + ",\"email\":\"[erased]\"}" : Payload(i), read[i]);
    }

    private static string Payload(int n) => $$"""{"n":{{n}},"email":"{{n}}@example.org"}""";

    private static async Task Append(EventStore store)
    {
        for (var i = 0; i < Events; i++)
        {
            await store.Append(
                new StreamId($"customer-{i % 10}"),
                ExpectedVersion.Any,
                [NewEvent.FromBytes("customer.registered", Encoding.UTF8.GetBytes(Payload(i)))],
                CancellationToken.None);
        }
    }

    private static async Task<List<string>> Read(EventStore store)
    {
        var read = new List<string>();
        await foreach (var recorded in store.ReadLog(EventFilter.OfTypes("customer.registered")))
            read.Add(ProtectionSample.Text(recorded.Payload));
        return read;
    }
}
