using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Tests.Erasing;

namespace Millrace.Tests.Auditing;

public sealed record FindPerson(int Person) : IQuery<PersonDocument?>;

public sealed record CountLetters(int Person) : IQuery<int>;

public sealed record CountStars(int Person) : IQuery<int>;

/// <summary>An application with personal data and an audit trail, on SQLite files that outlive a start.</summary>
internal sealed class AuditedPeople : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("millrace-").FullName;

    public string Keys => Path.Combine(_folder, "keys.db");

    public string StoreFile => Path.Combine(_folder, "people.db");

    public string PathOf(string file) => Path.Combine(_folder, file);

    public async Task<IHost> Start(
        Action<MillraceBuilder>? configure = null,
        Action<AuditTrailOptions>? audit = null,
        TimeProvider? time = null,
        string passphrase = "correct horse battery")
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        if (time is not null)
            builder.Services.AddSingleton(time);
        builder.Services.AddMillrace(millrace =>
        {
            millrace
                .UseSqlite(StoreFile)
                .UseSqliteKeys(Keys, passphrase)
                .AddModel(People.Register)
                .AddModel(Register)
                .AddAudit(audit)
                .ConfigureConsumers(TestNode.UseShortIntervals);
            configure?.Invoke(millrace);
        });
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    public static async Task Stop(IHost host)
    {
        await host.StopAsync();
        await ((IAsyncDisposable)host).DisposeAsync();
    }

    /// <summary>Opens the store, after it was closed, without its keys.</summary>
    public Task<EventStore> OpenStored() => EventStore.Open(
        new Sqlite.SqliteStorage(new Sqlite.SqliteOptions { Path = StoreFile }),
        EventTypeMap.Empty,
        new StoreOptions { ReadsWithoutKeys = true });

    /// <summary>Returns the entries of the store after it was closed.</summary>
    public async Task<List<AuditEntry>> StoredEntries(string action)
    {
        await using var store = await OpenStored();
        return await AuditTrails.Of(store).Read(new AuditQuery { Action = action }).ToListAsync();
    }

    public static Task<List<AuditEntry>> Entries(IHost host, string action) =>
        AuditTrails.Of(host.Services.GetRequiredService<EventStore>())
            .Read(new AuditQuery { Action = action })
            .ToListAsync()
            .AsTask();

    public static Task<AppendResult> Add(IHost host, int person, string name) =>
        host.Services.GetRequiredService<EventStore>().Append(
            new StreamId($"person-{person}"),
            ExpectedVersion.Any,
            [new PersonRegistered(name, $"{name}@example.org", 40)]);

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    public static void Register(ModelBuilder model) => model
        .Query(new QueryDefinition<FindPerson, PersonDocument?>(
            "find-person",
            static (query, _, _) => new(new PersonDocument($"{query.Person}", "Ada", "London", 1))))
        .Query(new QueryDefinition<CountLetters, int>("count-letters", static async (query, context, cancel) =>
        {
            var people = context.Services.GetRequiredService<IReadModel<string, PersonDocument>>();
            return (await people.Get($"{query.Person}", context, cancel))?.Name.Length ?? 0;
        }))
        .Query(new QueryDefinition<CountStars, int>("count-stars", static (_, _, _) => new(5)));
}
