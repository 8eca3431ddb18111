using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millrace.Aggregates;
using Millrace.Events;
using Millrace.Scheduling;
using Millrace.Storage;

namespace Millrace.Faults;

/// <summary>
/// A node that erases a person, wraps all keys with another master key, or encrypts documents again, until a test kills
/// the node. It writes a line "STEP name" after each step, and waits after the step that the test names.
/// </summary>
public static class ErasingNode
{
    /// <summary>The environment variable with the step after which the node waits.</summary>
    public const string StepVariable = "MILLRACE_FAULTS_ERASURE";

    /// <summary>The environment variable with the key store.</summary>
    public const string KeysVariable = "MILLRACE_FAULTS_KEYS";

    /// <summary>The environment variable with the key that signs certificates.</summary>
    public const string PemVariable = "MILLRACE_FAULTS_PEM";

    /// <summary>The step of a node that only wraps all keys with the new master key.</summary>
    public const string Rewrap = "rewrap";

    /// <summary>The step of a node that only encrypts documents of replaced keys again.</summary>
    public const string Reencrypt = "reencrypt";

    /// <summary>The passphrase of the keys.</summary>
    public const string Passphrase = "a former passphrase";

    /// <summary>The passphrase after the change.</summary>
    public const string NewPassphrase = "a current passphrase";

    /// <summary>The e-mail address of the person.</summary>
    public const string Email = "ada.lovelace@example.org";

    /// <summary>The id of the erasure.</summary>
    public const string Erasure = "e1";

    private static readonly TimeSpan MaxWait = TimeSpan.FromMinutes(5);
    private static readonly ManualResetEventSlim Continued = new(); // Never set.

    /// <summary>Adds the store, the keys and the erasures.</summary>
    public static void Configure(
        MillraceBuilder millrace, string store, string keys, string pem, params string[] passphrases)
    {
        ArgumentNullException.ThrowIfNull(passphrases);
        if (store.StartsWith("postgres:", StringComparison.Ordinal))
            millrace.UsePostgreSql(store).UsePostgreSqlKeys(keys, SetPassphrases);
        else
            millrace.UseSqlite(store).UseSqliteKeys(keys, SetPassphrases);
        millrace
            .AddModel(model => model.Protect("customer.registered", new ProtectedMember("/email")))
            .AddErasures(options =>
            {
                options.PrivateKeyPem = pem;
                options.SettleTime = TimeSpan.Zero;
                options.AfterStep = Report;
            });

        void SetPassphrases(KeyOptions options)
        {
            options.Passphrase = passphrases[0];
            foreach (var former in passphrases.Skip(1))
                options.FormerPassphrases.Add(former);
        }
    }

    /// <summary>Writes a document for each payload, whose values are encrypted.</summary>
    public static async Task WriteDocuments(EventStore store, IEnumerable<string> payloads)
    {
        ArgumentNullException.ThrowIfNull(store);
        var snapshots = new CollectionDefinition(SnapshotStore.Collection, []);
        await store.Storage.Documents.EnsureCollection(snapshots, CancellationToken.None);
        var changes = payloads.Select(static (payload, number) => new DocumentChange
        {
            Collection = SnapshotStore.Collection,
            Key = KeyOf(number),
            Body = Encoding.UTF8.GetBytes($$"""{"schemaVersion":1,"state":{{payload}}}"""),
        });
        foreach (var part in changes.Chunk(500))
            await store.Commit(new CommitRequest { Documents = part }, isBackground: false, CancellationToken.None);
    }

    /// <summary>Returns a document with decrypted values.</summary>
    public static async Task<string> ReadDocument(EventStore store, int number)
    {
        ArgumentNullException.ThrowIfNull(store);
        var document = await store.Storage.Documents.Get(
            SnapshotStore.Collection, KeyOf(number), CancellationToken.None);
        return document is null ? "" : Encoding.UTF8.GetString(document.Body.Span);
    }

    private static string KeyOf(int number) => string.Create(CultureInfo.InvariantCulture, $"person-{number}");

    internal static async Task Run(string store, string step)
    {
        var keys = Environment.GetEnvironmentVariable(KeysVariable)!; // The test sets it.
        var pem = Environment.GetEnvironmentVariable(PemVariable)!;
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Args = [] });
        builder.Logging.ClearProviders();
        builder.Services.AddMillrace(millrace => Configure(
            millrace, store, keys, pem, step == Rewrap ? [NewPassphrase, Passphrase] : [Passphrase]));
        using var host = builder.Build();
        await host.StartAsync();
        if (step == Rewrap)
        {
            await host.Services.GetRequiredService<DataKeys>().RewrapAll(new Pages(Last: 400));
            return;
        }
        if (step == Reencrypt)
        {
            var maintenance = new KeyMaintenance(
                host.Services.GetRequiredService<EventStore>(), host.Services.GetRequiredService<DataKeys>());
            await maintenance.Reencrypt(new ReencryptionRequest("officer", "stolen backup"), new Pages(Last: 1_800));
            return;
        }
        await Fill(host.Services.GetRequiredService<EventStore>());
        var erasures = host.Services.GetRequiredService<Erasures>();
        await erasures.Request(new ErasureRequest(Erasure, "customer-1", "asked by letter", "officer"));
        await erasures.Approve(Erasure, "lawyer");
        await erasures.CarryOut(Erasure);
    }

    /// <summary>Writes data of two people, and copies of the data of the first.</summary>
    private static async Task Fill(EventStore store)
    {
        foreach (var (stream, email) in new[] { ("customer-1", Email), ("customer-2", "bob@example.org") })
        {
            await store.Append(
                new StreamId(stream),
                ExpectedVersion.Any,
                [NewEvent.FromBytes("customer.registered", Encoding.UTF8.GetBytes($$"""{"email":"{{email}}"}"""))]);
        }
        var snapshots = new CollectionDefinition(SnapshotStore.Collection, []);
        await store.Storage.Documents.EnsureCollection(snapshots, CancellationToken.None);
        var snapshot = new DocumentChange
        {
            Collection = SnapshotStore.Collection,
            Key = "customer-1",
            Body = Encoding.UTF8.GetBytes($$$"""{"schemaVersion":1,"state":{"email":"{{{Email}}}"}}"""),
        };
        await store.Commit(new CommitRequest { Documents = [snapshot] }, isBackground: false, CancellationToken.None);
        await store.Storage.Documents.EnsureCollection(TimerStore.Collection, CancellationToken.None);
        using var body = JsonDocument.Parse($$"""{"to":"{{Email}}"}""");
        var timer = new TimerRecord
        {
            Id = Guid.CreateVersion7(),
            Due = new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero),
            Command = "customer.remind",
            Body = body.RootElement,
            SetAt = DateTimeOffset.UtcNow,
        };
        var set = TimerStore.Event(PlatformEvents.TimerSet, Timers.NoteOf(timer));
        var request = new AppendRequest().To(TimerStore.StreamOf("remind-customer-1"), ExpectedVersion.Any, set);
        request.With(TimerStore.Write("remind-customer-1", timer, fromVersion: null));
        await store.Append(request);
    }

    internal static void Report(string step)
    {
        if (Environment.GetEnvironmentVariable(StepVariable) is not { } last)
            return; // The test itself runs this code.
        Console.Out.WriteLine($"STEP {step}");
        Console.Out.Flush();
        if (step == last)
            Continued.Wait(MaxWait); // The test kills the node.
    }

    /// <summary>Prints each page, and waits after the last, so that the node is killed before it ends.</summary>
    private sealed record Pages(long Last) : IProgress<long>, IProgress<MaintenanceProgress>
    {
        public void Report(MaintenanceProgress value) => Report(value.Done);

        public void Report(long value)
        {
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"STEP {value}"));
            Console.Out.Flush();
            if (value >= Last)
                Continued.Wait(MaxWait); // The test kills the node.
        }
    }
}
