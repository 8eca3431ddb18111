using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Erasing;
using Millrace.Retention;
using Millrace.Tests.Erasing;
using Xunit.Abstractions;

namespace Millrace.Tests.Retention;

/// <summary>Measures the memory of a search for expired data of 100,000 people in 1,000,000 events.</summary>
[Trait(TestRun.Kind, TestRun.Long)]
public sealed class SubjectMemoryTests(ITestOutputHelper output)
{
    private const int PeopleCount = 100_000;
    private const int EventsOfPerson = 10;

    [Fact]
    public async Task The_memory_depends_on_the_size_of_a_page_and_not_on_the_number_of_people()
    {
        using var shared = await SharedStore.Create(StoreKind.Sqlite);
        using var host = await Start(shared);
        var store = host.Services.GetRequiredService<EventStore>();
        var started = TimeProvider.System.GetTimestamp();
        await Fill(store);
        output.WriteLine($"Written in {TimeProvider.System.GetElapsedTime(started).TotalSeconds:N1} s");

        var all = await Measure(store, 10 * PeopleCount);
        var pages = await Measure(store, 40_000);

        Assert.Equal((PeopleCount, 2 * PeopleCount, 1), (all.Found, all.Entries, all.Pages));
        Assert.Equal(PeopleCount, pages.Found);
        Assert.True(pages.Pages > 4, $"{pages.Pages} pages");
        Assert.True(all.Bytes < 90_000_000, $"{all.Bytes:N0} bytes");
        Assert.True(pages.Bytes < all.Bytes / 3, $"{pages.Bytes:N0} of {all.Bytes:N0} bytes");
        await host.StopAsync();
    }

    [Fact]
    public void A_set_of_names_needs_few_bytes_for_each()
    {
        const int count = 10 * PeopleCount;
        var before = MemoryNow();

        var names = new NameSet();
        for (var i = 0; i < count; i++)
            names.Add($"customer-of-a-shop-with-a-long-name-{i}");

        var bytes = (MemoryNow() - before) / (double)count;
        output.WriteLine($"{bytes:N1} bytes for each of {names.Count:N0} names");
        Assert.InRange(bytes, 16, 80);
    }

    private async Task<(int Found, int Entries, int Pages, long Bytes)> Measure(EventStore store, int maxEntries)
    {
        var options = new RetentionOptions();
        options.AllStreams().ErasePersonalDataAfter(RetentionPeriod.Hours(1));
        var rules = new RetentionRules(new RetentionDeclaration { Rules = options.BuildRules() }, "");
        await Task.Yield(); // Otherwise the stack still holds the objects of the measurement before.
        store.Stored.ForgetValues(); // Keys that expire meanwhile would change the result.
        var (found, events, bytes, before) = (0, 0, 0L, MemoryNow());
        var planner = new SubjectPlanner(
            new ErasureScope(store, "", ""),
            [rules],
            (recorded, _, _) =>
            {
                if (++events % 50_000 == 0)
                    bytes = Math.Max(bytes, MemoryNow() - before);
                return new(recorded.Timestamp);
            },
            DateTimeOffset.UtcNow.AddDays(1),
            maxEntries);
        var started = TimeProvider.System.GetTimestamp();
        await foreach (var _ in planner.Find(default))
        {
            if (found++ % 10_000 == 0)
                bytes = Math.Max(bytes, MemoryNow() - before);
        }
        var elapsed = TimeProvider.System.GetElapsedTime(started);
        output.WriteLine(
            $"At most {maxEntries:N0} entries, in fact {planner.MaxEntriesInMemory:N0}: {bytes / 1e6:N1} MB, "
                + $"{planner.Pages} pages, {elapsed.TotalSeconds:N1} s");
        return (found, planner.MaxEntriesInMemory, planner.Pages, bytes);
    }

    private static long MemoryNow()
    {
        GC.Collect();
        return GC.GetTotalMemory(forceFullCollection: false);
    }

    private static async Task<IHost> Start(SharedStore shared)
    {
        var keys = new PeopleKeys();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMillrace(millrace => millrace
            .UseStorage(_ => shared.Open())
            .AddModel(model => model.Protect("person.registered", Erasing.People.RegisteredMembers))
            .UseKeys(_ => keys.Store, options => options.MasterKey = keys.Master));
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    private static async Task Fill(EventStore store)
    {
        for (var first = 0; first < PeopleCount; first += 100)
        {
            var request = new AppendRequest();
            for (var person = first; person < first + 100; person++)
                request.To(new StreamId($"person-{person}"), ExpectedVersion.Any, [.. EventsOf(person)]);
            await store.Append(request);
        }
    }

    private static IEnumerable<NewEvent> EventsOf(int person) =>
        Enumerable.Range(0, EventsOfPerson).Select(number => NewEvent.FromBytes(
            "person.registered",
            Encoding.UTF8.GetBytes($$"""{"name":"Ada Lovelace-{{person}}","age":{{number}}}""")));
}
