using Microsoft.Extensions.DependencyInjection;
using Millrace.Auditing;
using Millrace.Protection;
using Millrace.Testing;
using Millrace.Tests.Erasing;

namespace Millrace.Tests.Auditing;

/// <summary>Tests that the uses of data keys are in the audit trail.</summary>
public sealed class KeyAuditTests : IDisposable
{
    private readonly AuditedPeople _people = new();

    public void Dispose() => _people.Dispose();

    [Fact]
    public async Task Keys_that_are_created_are_recorded_while_the_application_runs()
    {
        var host = await _people.Start();

        await AuditedPeople.Add(host, 1, "Ada");

        var all = await Eventually.Get(
            () => AuditedPeople.Entries(host, KeyUse.Created),
            found => found.Count(IsOfPerson) == 2,
            TestNode.WaitTimeout);
        var entries = all.Where(IsOfPerson); // The index of the documents has a key too.
        Assert.Equal(["contact", "personal"], entries.Select(entry => entry.Reason!.Split(',')[0]).Order());
        await AuditedPeople.Stop(host);
    }

    [Fact]
    public async Task Uses_that_wait_are_recorded_before_the_application_stops()
    {
        const int people = 450; // More than two batches.
        var host = await _people.Start();
        for (var person = 0; person < people; person++)
            await AuditedPeople.Add(host, person, "Ada");

        await AuditedPeople.Stop(host);

        var created = await _people.StoredEntries(KeyUse.Created);
        Assert.Equal(people, created.Where(IsOfPerson).Select(entry => entry.Resource).Distinct().Count());
    }

    private static bool IsOfPerson(AuditEntry entry) =>
        entry.Resource.StartsWith("person-", StringComparison.Ordinal);

    [Fact]
    public async Task A_key_that_is_read_many_times_is_recorded_once_an_hour()
    {
        var first = await _people.Start();
        await AuditedPeople.Add(first, 1, "Ada");
        await AuditedPeople.Stop(first);
        var host = await _people.Start(millrace => millrace.ConfigureConsumers(options => options.IsEnabled = false));

        for (var i = 0; i < 5; i++)
        {
            host.Services.GetRequiredService<KeyRing>().Forget();
            await foreach (var recorded in host.Services.GetRequiredService<EventStore>()
                .ReadStream(new StreamId("person-1")))
                Assert.Equal("Ada", ((PersonRegistered)recorded.Data!).Name);
        }
        await AuditedPeople.Stop(host);

        var read = (await _people.StoredEntries(KeyUse.Read)).Where(entry => entry.Resource == "person-1");
        Assert.InRange(read.Count(), 2, 4); // Two kinds of data; the hour can change during the test.
    }

    [Fact]
    public async Task Changes_of_keys_are_recorded_with_their_ids()
    {
        var host = await _people.Start();
        await AuditedPeople.Add(host, 1, "Ada");
        var keys = host.Services.GetRequiredService<DataKeys>();
        var owner = new KeyOwner("", "person-1", "personal");
        var before = (await keys.List(new KeyQuery { Subject = "person-1" })).Single(key => key.Owner == owner);

        await keys.Replace(owner);
        var destroyed = await host.Services.GetRequiredService<KeyRing>().Destroy(owner, default);
        await AuditedPeople.Stop(host);

        var replaced = Assert.Single(await _people.StoredEntries(KeyUse.Replaced));
        Assert.StartsWith($"personal, key {before.Id} by key ", replaced.Reason, StringComparison.Ordinal);
        var removed = Assert.Single(await _people.StoredEntries(KeyUse.Destroyed));
        Assert.Equal(2, destroyed.Count);
        Assert.All(destroyed, id => Assert.Contains(id, removed.Reason, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Uses_of_keys_are_not_recorded_if_the_option_is_off()
    {
        var host = await _people.Start(audit: options => options.RecordsKeys = false);
        await AuditedPeople.Add(host, 1, "Ada");

        await AuditedPeople.Stop(host);

        Assert.Empty(await _people.StoredEntries("keys.*"));
    }

    [Fact]
    public void Above_the_limit_reads_are_counted_and_destroyed_keys_are_still_listed()
    {
        var queue = new KeyUseQueue(new ManualTimeProvider());
        for (var person = 0; person < KeyUseQueue.MaxListedPerHour + 7; person++)
            queue.Add(new KeyUse(KeyUse.Read, new KeyOwner("", $"person-{person}", "personal"), "key"));
        for (var person = 0; person < KeyUseQueue.MaxListedPerHour + 7; person++)
            queue.Add(new KeyUse(KeyUse.Destroyed, new KeyOwner("", $"person-{person}", "*"), "keys"));

        var entries = queue.Take(int.MaxValue, includesCounted: true);

        Assert.Equal(KeyUseQueue.MaxListedPerHour + 7, entries.Count(entry => entry.Action == KeyUse.Destroyed));
        var read = entries.Where(entry => entry.Action == KeyUse.Read).ToList();
        Assert.Equal(KeyUseQueue.MaxListedPerHour + 1, read.Count);
        Assert.Equal("*", read[^1].Resource);
        Assert.StartsWith("7 further uses", read[^1].Reason, StringComparison.Ordinal);
        Assert.False(queue.HasAny);
    }

    [Fact]
    public void Entries_that_could_not_be_recorded_are_returned_first()
    {
        var queue = new KeyUseQueue(new ManualTimeProvider());
        queue.Add(new KeyUse(KeyUse.Created, new KeyOwner("", "person-1", "personal"), "key"));
        var failed = queue.Take(10, includesCounted: false);
        queue.Add(new KeyUse(KeyUse.Created, new KeyOwner("", "person-2", "personal"), "key"));

        queue.Return(failed);

        Assert.Equal(["person-1", "person-2"], queue.Take(10, false).Select(entry => entry.Resource));
    }
}
