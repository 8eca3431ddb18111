using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Millrace.Aggregates;
using Millrace.Erasing;
using Millrace.Events;
using Millrace.Scheduling;
using Millrace.Storage;
using Millrace.Tests.Protection;

namespace Millrace.Tests.Erasing;

/// <summary>A store with data of two customers in every place, whose erasures these tests carry out.</summary>
internal sealed class ErasureSample : IAsyncDisposable
{
    public const string Ada = "customer-1";
    public const string Email = "ada.lovelace@example.org";
    public const string Name = "Ada Lovelace-King";
    public const string Phone = "+44 20 7946 0018";

    private static readonly ECDsa Key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public ProtectionSample Sample { get; } = new();

    public EventStore Store { get; private set; } = null!; // Set by Create.

    public ErasureOptions Options { get; } = new()
    {
        PrivateKeyPem = Key.ExportPkcs8PrivateKeyPem(),
        SettleTime = TimeSpan.Zero,
    };

    /// <summary>Gets the rules of the application.</summary>
    public List<IErasureRule> Rules { get; } = [];

    public static string PublicKey => Key.ExportSubjectPublicKeyInfoPem();

    public Erasures Erasures { get; private set; } = null!; // Set by Create.

    public static async Task<ErasureSample> Create(Func<IStorage, IStorage>? wrap = null)
    {
        var sample = new ErasureSample();
        sample.Sample.Wrap = wrap ?? sample.Sample.Wrap;
        await sample.Restart();
        return sample;
    }

    /// <summary>Opens another store on the same storage, as a program that was started again.</summary>
    public async Task Restart()
    {
        Store = await Sample.Open();
        Erasures = Create(Store);
    }

    public Erasures Create(EventStore store) =>
        new(new ErasureScope(store, "", "") { Rules = Rules }, new ErasureSettings(Options));

    public static ErasureRequest RequestOf(string id = "e1", string subject = Ada, params string[] kinds) =>
        new(id, subject, "asked by letter", "officer") { Kinds = kinds };

    /// <summary>Requests, approves and carries out an erasure.</summary>
    public async Task<ErasureInfo> Erase(string id = "e1", string subject = Ada, params string[] kinds)
    {
        await Erasures.Request(RequestOf(id, subject, kinds));
        await Erasures.Approve(id, "lawyer");
        return await Erasures.CarryOut(id);
    }

    public Task<AppendResult> Append(string stream, string type, string json) =>
        Store.Append(new StreamId(stream), ExpectedVersion.Any, [NewEvent.FromBytes(type, Bytes(json))]);

    public Task<AppendResult> Register(string stream, string email, string phone = Phone) =>
        Append(stream, "customer.registered", $$"""{"email":"{{email}}","age":36,"phone":"{{phone}}"}""");

    /// <summary>Writes data of a customer into the log only.</summary>
    public async Task GivenEvents()
    {
        await Register(Ada, Email);
        await Register("customer-2", "bob@example.org", "+1 555 0100 22");
        await Append("party-1", "party.planned",
            $$"""{"guests":[{"id":1,"name":"{{Name}}"},{"id":2,"name":"Robert Smith-Jones"}]}""");
    }

    /// <summary>Writes copies of the data into documents, snapshots, timers, dead letters and held messages.</summary>
    public async Task GivenCopies()
    {
        await GivenDocument("customers@1", "k1", $$"""{"id":1,"name":"{{Name}}"}""");
        await GivenDocument("customers@1", "k2", """{"id":2,"name":"Robert Smith-Jones"}""");
        await GivenDocument("customers@2", "k1", $$"""{"id":1,"name":"{{Name}}"}""");
        await GivenDocument(SnapshotStore.Collection, Ada, $$$"""{"schemaVersion":1,"state":{"e":"{{{Email}}}"}}""");
        await GivenDocument(SnapshotStore.Collection, "order-7", $$$"""{"state":{"of":"customer-1","to":"{{{Email}}}"}}""");
        await GivenDocument(SnapshotStore.Collection, "customer-2", """{"version":1,"state":{"e":"bob"}}""");
        await GivenTimer("remind", $$"""{"customer":"customer-1","to":"{{Email}}","name":"{{Name}}","n":7}""");
        await GivenTimer("other", """{"customer":"customer-2","to":"bob@example.org"}""");
        await GivenDeadLetter("mailer", 2, $$"""{"email":"{{Email}}"}""", $"cannot send to {Email}");
        await Append(
            "received.shop:1", PlatformEvents.MessageHeld, $$$"""{"id":"m1","data":{"id":"customer-1","email":"{{{Email}}}"}}""");
        await Append(
            "received.shop:2", PlatformEvents.MessageHeld, """{"id":"m2","data":{"email":"bob@example.org"}}""");
    }

    public async Task GivenDocument(string collection, string key, string body)
    {
        await Store.Storage.Documents.EnsureCollection(new CollectionDefinition(collection, []), default);
        var change = new DocumentChange { Collection = collection, Key = key, Body = Bytes(body) };
        await Store.Commit(new CommitRequest { Documents = [change] }, isBackground: false, default);
    }

    public async Task GivenTimer(string key, string body)
    {
        await Store.Storage.Documents.EnsureCollection(TimerStore.Collection, default);
        var record = new TimerRecord
        {
            Id = Guid.CreateVersion7(),
            Due = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero),
            Command = "customer.remind",
            Body = JsonDocument.Parse(body).RootElement,
            SetAt = DateTimeOffset.UtcNow,
        };
        var note = Timers.NoteOf(record);
        var request = new AppendRequest().To(
            TimerStore.StreamOf(key), ExpectedVersion.Any, TimerStore.Event(PlatformEvents.TimerSet, note));
        request.With(TimerStore.Write(key, record, fromVersion: null));
        await Store.Append(request);
    }

    public async Task GivenDeadLetter(string consumer, long position, string edited, string message)
    {
        var letter = new DeadLetter
        {
            Consumer = consumer,
            Position = position,
            Key = "k",
            Stream = new StreamId(Ada),
            Version = 1,
            EventType = "customer.registered",
            EventId = Guid.CreateVersion7(),
            State = DeadLetterState.Parked,
            EditedPayload = Bytes(edited),
            Message = message,
        };
        await Store.Commit(new CommitRequest { DeadLetters = [new DeadLetterChange(letter)] }, false, default);
    }

    /// <summary>Appends an event as a version of the application without marks.</summary>
    public async Task<long> AppendPlain(string stream, string type, string json)
    {
        var encoded = Store.Encode(new AppendRequest().To(
            new StreamId(stream), ExpectedVersion.Any, NewEvent.FromBytes(type, Bytes(json))));
        var request = new CommitRequest { Appends = encoded.Appends, IsAsStored = true };
        return (await Store.Commit(request, isBackground: false, default)).Position;
    }

    /// <summary>Returns the body of a document as it is stored.</summary>
    public async Task<string> StoredBody(string collection, string key) =>
        ProtectionSample.Text((await Sample.Storage.Documents.Get(collection, key, default))!.Body);

    /// <summary>Returns all payloads of a stream as readers receive them.</summary>
    public async Task<IReadOnlyList<string>> Payloads(string stream)
    {
        var payloads = new List<string>();
        await foreach (var recorded in Store.ReadStream(new StreamId(stream)))
            payloads.Add(ProtectionSample.Text(recorded.Payload));
        return payloads;
    }

    public ValueTask DisposeAsync() => Sample.DisposeAsync();

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
