using System.Text;
using Millrace.Auditing.Sealing;

namespace Millrace.Tests.Auditing;

/// <summary>Tests that entries of the audit trail are recorded, found, and sealed with the log.</summary>
public sealed class AuditTrailTests
{
    [Theory]
    [StoreKinds]
    public async Task Entries_are_read_in_both_directions_with_all_their_values(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var store = await EventStore.Open(shared.Open(), EventTypeMap.Empty);
        var trail = AuditTrails.Of(store);
        var (conversation, before) = (Guid.CreateVersion7(), DateTimeOffset.UtcNow.AddSeconds(-1));
        var entry = new AuditEntry("access.revoke", "role-clerk", AuditResult.Denied)
        {
            User = "ada",
            Reason = "permission 'grant' is missing",
            Origin = new AuditOrigin("::1", "browser"),
            CorrelationId = conversation,
        };

        await trail.Record(entry, default);
        await trail.Record(new AuditEntry("access.grant", "role-clerk", AuditResult.Succeeded), default);

        var all = await trail.Read(new AuditQuery()).ToListAsync();
        Assert.Equal(entry with { Time = all[0].Time, Position = 1 }, all[0]);
        Assert.InRange(all[0].Time, before, DateTimeOffset.UtcNow.AddMinutes(1));
        Assert.Equal(["access.grant", "access.revoke"], await Actions(trail.ReadBackwards(new AuditQuery())));
        Assert.Equal(["access.revoke"], await Actions(trail.ReadBackwards(new AuditQuery(), before: 2)));
        Assert.Equal(["access.grant"], await Actions(trail.Read(new AuditQuery(), after: 1)));
        Assert.Equal(["access.revoke"], await Actions(trail.Read(new AuditQuery { User = "ada" })));
        Assert.Equal(["access.revoke"], await Actions(trail.Read(new AuditQuery { Result = AuditResult.Denied })));
        Assert.Equal(["access.grant"], await Actions(trail.Read(new AuditQuery { Action = "access.g*" })));
        Assert.Empty(await Actions(trail.Read(new AuditQuery { Action = "access" })));
        Assert.Empty(await Actions(trail.Read(new AuditQuery { Resource = "role" })));
        Assert.Equal(2, (await Actions(trail.Read(new AuditQuery { Since = before }))).Count);
        Assert.Empty(await Actions(trail.Read(new AuditQuery { Until = before })));
        Assert.Empty(await Actions(trail.ReadBackwards(new AuditQuery { Since = DateTimeOffset.UtcNow.AddHours(1) })));
    }

    [Fact]
    public async Task Long_and_malformed_texts_of_clients_are_shortened_and_repaired()
    {
        await using var store = await OpenStore();
        var entry = new AuditEntry("a", "r", AuditResult.Failed)
        {
            User = new string('u', 255) + "\U0001F600",
            Reason = "\0half \ud800",
            Origin = new AuditOrigin(new string('1', 100), new string('x', 600)),
        };

        await AuditTrails.Of(store).Record(entry, default);

        var stored = await AuditTrails.Of(store).Read(new AuditQuery()).SingleAsync();
        Assert.Equal(new string('u', 255) + "\ufffd", stored.User);
        Assert.Equal("\ufffdhalf \ufffd", stored.Reason);
        Assert.Equal((64, 512), (stored.Origin!.Address!.Length, stored.Origin.UserAgent!.Length));
    }

    [Theory]
    [InlineData("", "r")]
    [InlineData("a", " ")]
    [InlineData(null, "r")]
    public async Task An_entry_without_action_or_resource_is_refused(string? action, string resource)
    {
        await using var store = await OpenStore();
        var entry = new AuditEntry(action ?? new string('a', 201), resource, AuditResult.Succeeded);

        await Assert.ThrowsAsync<ArgumentException>(() => AuditTrails.Of(store).Record(entry, default).AsTask());

        Assert.Equal(0, await store.Count(EventFilter.All));
    }

    [Fact]
    public async Task Events_of_other_streams_or_shapes_are_not_entries()
    {
        await using var store = await OpenStore();
        var forged = NewEvent.FromBytes(
            "audit.recorded", Encoding.UTF8.GetBytes("""{"action":"a","resource":"r","result":"succeeded"}"""));
        await store.Append(new StreamId("order-1"), ExpectedVersion.Any, [forged]);
        foreach (var payload in (string[])["{}", "[]", "x", """{"action":"a","resource":"r","result":"maybe"}"""])
            await store.Append(new AppendRequest { CopiesReservedEvents = true }.To(
                new StreamId("$audit"),
                ExpectedVersion.Any,
                NewEvent.FromBytes("audit.recorded", Encoding.UTF8.GetBytes(payload))));

        Assert.Empty(await AuditTrails.Of(store).Read(new AuditQuery()).ToListAsync());
    }

    [Theory]
    [InlineData("$audit")]
    [InlineData("$seals")]
    public async Task An_application_cannot_append_entries_and_seals(string stream)
    {
        await using var store = await OpenStore();
        var forged = NewEvent.FromBytes(
            "audit.recorded", Encoding.UTF8.GetBytes("{\"action\":\"a\",\"resource\":\"r\",\"result\":\"succeeded\"}"));

        await Assert.ThrowsAsync<InvalidNameException>(
            () => store.Append(new StreamId(stream), ExpectedVersion.Any, [forged]));

        Assert.Equal(0, await store.Count(EventFilter.All));
    }

    [Fact]
    public async Task A_changed_entry_is_detected_by_the_seals()
    {
        using var file = await SealedFile.Copy();
        await using (var store = await EventStore.Open(file.Open(), EventTypeMap.Empty))
        {
            await AuditTrails.Of(store).Record(
                new AuditEntry("access.grant", "role-clerk", AuditResult.Succeeded) { User = "eve" }, default);
            using var signer = SealSigner.Load(file.Keys.Key, null);
            await SealedLog.Seal(store, signer);
        }
        Assert.True((await file.Verify()).IsSound);
        file.Run(
            """
            UPDATE events SET payload = replace(payload, 'eve', 'ada')
            WHERE stream = (SELECT id FROM streams WHERE name = '$audit')
            """);

        var report = await file.Verify();

        Assert.Contains(
            report.Findings,
            finding => finding is { Kind: SealFindingKind.EventChanged }
                && finding.Message.Contains("audit.recorded", StringComparison.Ordinal));
    }

    private static Task<EventStore> OpenStore() =>
        EventStore.Open(new Millrace.Storage.InMemory.InMemoryStorage(), EventTypeMap.Empty);

    private static async Task<List<string>> Actions(IAsyncEnumerable<AuditEntry> entries) =>
        await entries.Select(static entry => entry.Action).ToListAsync();
}
