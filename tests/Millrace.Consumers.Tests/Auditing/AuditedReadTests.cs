using System.Security.Claims;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Storage.InMemory;
using Millrace.Tests.Erasing;

namespace Millrace.Tests.Auditing;

/// <summary>Tests that answers with personal data are recorded before they leave.</summary>
public sealed class AuditedReadTests : IDisposable
{
    private const string Queries = "query.*";

    private readonly AuditedPeople _people = new();

    public void Dispose() => _people.Dispose();

    [Fact]
    public async Task A_query_of_a_user_is_recorded_each_time_and_without_its_values()
    {
        var host = await _people.Start();

        await Ask(host, new FindPerson(1_947_113_271), "ada");
        await Ask(host, new FindPerson(1_947_113_272), "ada");

        var entries = await AuditedPeople.Entries(host, Queries);
        Assert.Equal(2, entries.Count);
        Assert.All(entries, entry => Assert.Equal(
            ("query.find-person", "people", AuditResult.Succeeded, "ada", "::1"),
            (entry.Action, entry.Resource, entry.Result, entry.User, entry.Origin?.Address)));
        await foreach (var recorded in host.Services.GetRequiredService<EventStore>()
            .ReadStream(new StreamId("$audit")))
            Assert.DoesNotContain("19471132", Encoding.UTF8.GetString(recorded.Payload.Span), StringComparison.Ordinal);
        await AuditedPeople.Stop(host);
    }

    [Fact]
    public async Task A_query_that_reads_personal_data_for_another_answer_is_recorded()
    {
        var host = await _people.Start();

        await Ask(host, new CountLetters(1), "ada");
        await Ask(host, new CountStars(1), "ada");

        var entry = Assert.Single(await AuditedPeople.Entries(host, Queries));
        Assert.Equal(("query.count-letters", "people"), (entry.Action, entry.Resource));
        await AuditedPeople.Stop(host);
    }

    [Fact]
    public async Task Queries_of_the_system_are_recorded_once_an_hour()
    {
        var clock = new LaterClock();
        var host = await _people.Start(time: clock);

        await Ask(host, new FindPerson(1), user: null);
        await Ask(host, new FindPerson(2), user: null);
        await Ask(host, new CountLetters(1), user: null);
        Assert.Equal(2, (await AuditedPeople.Entries(host, Queries)).Count);
        clock.Offset = TimeSpan.FromHours(1);
        await Ask(host, new FindPerson(3), user: null);

        var entries = await AuditedPeople.Entries(host, Queries);
        Assert.Equal(3, entries.Count);
        Assert.All(entries, entry => Assert.Null(entry.User));
        await AuditedPeople.Stop(host);
    }

    [Fact]
    public async Task Reads_are_not_recorded_if_the_option_is_off()
    {
        var host = await _people.Start(audit: options => options.RecordsReads = false);

        await Ask(host, new FindPerson(1), "ada");

        Assert.Empty(await AuditedPeople.Entries(host, Queries));
        await AuditedPeople.Stop(host);
    }

    [Fact]
    public async Task Without_its_entry_there_is_no_answer()
    {
        var storage = new FaultyStorage(new InMemoryStorage());
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMillrace(millrace => millrace
            .UseStorage(_ => storage)
            .UseInMemoryKeys()
            .AddModel(People.Register)
            .AddModel(AuditedPeople.Register)
            .ConfigureConsumers(options => options.IsEnabled = false)
            .AddAudit());
        var host = builder.Build();
        await host.StartAsync();
        storage.FaultOf = static _ => CommitFault.Refused;

        await Assert.ThrowsAnyAsync<Millrace.Storage.StorageException>(() => Ask(host, new FindPerson(1), "ada"));
        await Ask(host, new CountStars(1), "ada");

        storage.FaultOf = static _ => CommitFault.None;
        Assert.Empty(await AuditedPeople.Entries(host, Queries));
        await AuditedPeople.Stop(host);
    }

    private static async Task Ask<T>(IHost host, IQuery<T> query, string? user)
    {
        await using var scope = host.Services.CreateAsyncScope();
        var options = user is null
            ? new AskOptions()
            : new AskOptions
            {
                User = new ClaimsPrincipal(new ClaimsIdentity([new System.Security.Claims.Claim("sub", user)], "test")),
                Origin = new AuditOrigin("::1", null),
            };
        await scope.ServiceProvider.GetRequiredService<IQueryBus>().Ask(query, options);
    }

    /// <summary>A clock whose time a test moves forward. Its timers are those of the system.</summary>
    private sealed class LaterClock : TimeProvider
    {
        public TimeSpan Offset { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Offset;

        public override long GetTimestamp() =>
            base.GetTimestamp() + ((long)Offset.TotalSeconds * TimestampFrequency);
    }
}
