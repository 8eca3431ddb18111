using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Storage;

namespace Millrace.Tests.Erasing;

/// <summary>Tests that no cache of a node keeps values whose keys were destroyed.</summary>
public sealed class ErasedCacheTests
{
    private readonly PeopleKeys _keys = new();

    [Fact]
    public async Task A_projection_reads_its_documents_again_after_keys_were_destroyed()
    {
        await using var app = await PeopleApp.Start(millrace => millrace.UseInMemory(), _keys);
        await app.Register(2, "Bob");
        Assert.Equal("Bob", (await app.Document(2))!.Name);
        await Overwrite(app, new PersonDocument("2", "Robert", "", 1));

        app.Store.Stored.ForgetValues();
        await app.Move(2, "Springfield");

        Assert.Equal("Robert", (await app.Document(2))!.Name);
    }

    [Fact]
    public async Task An_inline_projection_forgets_its_documents_after_keys_were_destroyed()
    {
        InlinePeople.Last = null;
        await using var app = await PeopleApp.Start(
            millrace => millrace.UseInMemory().AddModel(model => model.Projection(InlinePeople.Definition)), _keys);
        await app.Register(2, "Bob");
        Assert.True(IsAlive());

        app.Store.Stored.ForgetValues();

        await Millrace.Testing.Eventually.Get(
            () => Task.FromResult(IsAlive()), static isAlive => !isAlive, TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_search_that_continues_after_an_erasure_shows_no_erased_value()
    {
        const string Name = "AdaLovelace1815";
        var clock = new SteppingClock();
        await using var app = await PeopleApp.Start(
            millrace => millrace.UseInMemory().Services.AddSingleton<TimeProvider>(clock), _keys);
        await app.Register(1, Name);
        for (var i = 0; i < 3; i++)
            await app.Move(1, $"Town {i}");
        var explanations = app.Services.GetRequiredService<Explanations>();
        var options = new ExplanationOptions { TimeLimit = TimeSpan.FromMilliseconds(2) };

        clock.Step = TimeSpan.FromMilliseconds(5);
        var part = await explanations.Explain("people/1", options);
        clock.Step = TimeSpan.Zero;
        await PeopleApp.Erase(app.Erasures, "e1", 1);
        options.Continuation = part.Continuation;
        options.TimeLimit = TimeSpan.FromMinutes(5);
        var rest = await explanations.Explain("people/1", options);

        Assert.Contains(Name, part.Value, StringComparison.Ordinal);
        Assert.Equal((false, true), (part.IsComplete, rest.IsComplete));
        Assert.All(
            rest.Changes.SelectMany(change => new[] { change.Before, change.After }).Append(rest.Value),
            shown => Assert.DoesNotContain(Name, shown ?? "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_audit_trail_records_the_decisions_of_an_erasure_and_an_export()
    {
        await using var app = await PeopleApp.Start(millrace => millrace.UseInMemory().AddAudit(), _keys);
        await app.Register(1, "AdaLovelace1815");

        await app.Erasures.Hold("person-1", "a lawsuit", "lawyer");
        await app.Erasures.Request(new ErasureRequest("e0", "person-1", "asked", "officer"));
        await app.Erasures.Release("person-1", "it ended", "lawyer");
        await PeopleApp.Erase(app.Erasures, "e1", 1);
        await app.Erasures.Export("person-1");

        var entries = new List<string>();
        await foreach (var entry in app.Services.GetRequiredService<IAuditTrail>().Read(new AuditQuery()))
        {
            if (entry.Action.StartsWith("erasures.", StringComparison.Ordinal))
                entries.Add($"{entry.Action} {entry.Resource} {entry.Result} {entry.User}".TrimEnd());
        }
        Assert.Equal(
            [
                "erasures.held person-1 Succeeded lawyer",
                "erasures.requested $erasure-e0 Succeeded officer",
                "erasures.refused $erasure-e0 Denied",
                "erasures.released person-1 Succeeded lawyer",
                "erasures.requested $erasure-e1 Succeeded officer",
                "erasures.approved $erasure-e1 Succeeded lawyer",
                "erasures.started $erasure-e1 Succeeded",
                "erasures.keys-destroyed $erasure-e1 Succeeded",
                "erasures.confirmed $erasure-e1 Succeeded",
                "erasures.exported person-1 Succeeded",
            ],
            entries);
    }

    private static async Task Overwrite(PeopleApp app, PersonDocument document)
    {
        var stored = await app.Store.Storage.Documents.Get("people@1", document.Id, default);
        var change = new DocumentChange
        {
            Collection = "people@1",
            Key = document.Id,
            Body = JsonSerializer.SerializeToUtf8Bytes(document, PeopleJson.Default.PersonDocument),
            Position = stored!.Position,
            Fields =
            [
                FieldValue.From(document.Changes), FieldValue.From(document.Name), FieldValue.From(document.City),
            ],
        };
        await app.Store.Commit(new CommitRequest { Documents = [change] }, isBackground: false, default);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool IsAlive()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        return InlinePeople.Last!.TryGetTarget(out _);
    }

    /// <summary>A projection whose last document is known without keeping it alive.</summary>
    private sealed class InlinePeople : Projection<string, PersonDocument>
    {
        public static WeakReference<PersonDocument>? Last { get; set; }

        public static ProjectionDefinition<string, PersonDocument> Definition { get; } = new()
        {
            Name = "inline-people",
            Events = [typeof(PersonRegistered)],
            Lifecycle = ProjectionLifecycle.Inline,
            Stream = "person",
            Create = static () => new InlinePeople(),
            Document = PeopleJson.Default.PersonDocument,
        };

        protected internal override void CollectKeys(RecordedEvent recorded, ICollection<string> keys) =>
            keys.Add(recorded.Stream.Key);

        protected internal override PersonDocument? Fold(string key, PersonDocument? document, RecordedEvent recorded)
        {
            var folded = new PersonDocument(key, ((PersonRegistered)recorded.Data).Name, "", 1);
            Last = new WeakReference<PersonDocument>(folded);
            return folded;
        }
    }

    /// <summary>A clock on which a step of time passes whenever it is read, so that short limits expire.</summary>
    private sealed class SteppingClock : TimeProvider
    {
        private long _passed;

        public TimeSpan Step { get; set; }

        public override long GetTimestamp() => System.GetTimestamp()
            + Interlocked.Add(ref _passed, (long)(Step.TotalSeconds * TimestampFrequency));
    }
}
