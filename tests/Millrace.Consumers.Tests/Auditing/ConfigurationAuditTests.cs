using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Auditing;
using Millrace.Events;

namespace Millrace.Tests.Auditing;

/// <summary>Tests that changed settings are recorded once, with their values before and after.</summary>
public sealed class ConfigurationAuditTests : IDisposable
{
    private readonly AuditedPeople _people = new();

    public void Dispose() => _people.Dispose();

    [Fact]
    public async Task Only_what_changed_between_two_starts_is_recorded()
    {
        await StartAndStop(millrace => millrace
            .AddAccessControl(access => access.Role("clerk", role => role.MayAsk<FindPerson>()))
            .AddRetention(retention => retention.Category("cart").DeleteAfter(RetentionPeriod.Days(30))));
        await StartAndStop(millrace => millrace
            .AddAccessControl(access => access.Role("clerk", role => role.MayAsk<CountStars>()))
            .AddRetention(retention => retention.Category("cart").DeleteAfter(RetentionPeriod.Days(40))));
        await StartAndStop(millrace => millrace
            .AddAccessControl(access => access.Role("clerk", role => role.MayAsk<CountStars>()))
            .AddRetention(retention => retention.Category("cart").DeleteAfter(RetentionPeriod.Days(40))));

        var entries = await _people.StoredEntries(ConfigurationAudit.Action);
        Assert.Equal(2, entries.Count);
        Assert.EndsWith("recorded for the first time", entries[0].Reason, StringComparison.Ordinal);
        Assert.Contains(new AuditChange("marks.event person.moved/city", null, "personal"), entries[0].Changes);
        Assert.Contains(entries[0].Changes, change => change.Name == "keys.store");
        Assert.Equal(
            [
                new AuditChange("access.role clerk: ask count-stars", null, "declared"),
                new AuditChange("access.role clerk: ask find-person", "declared", null),
                new AuditChange("retention.category cart", "delete after 30 days", "delete after 40 days"),
            ],
            entries[1].Changes);
    }

    [Fact]
    public async Task A_change_of_the_audit_trail_itself_is_recorded()
    {
        await StartAndStop();
        await StartAndStop(audit: options => options.RecordsReads = false);

        var entry = (await _people.StoredEntries(ConfigurationAudit.Action))[^1];

        Assert.Equal([new AuditChange("audit.recordsReads", "yes", "no")], entry.Changes);
    }

    [Fact]
    public async Task Secrets_are_not_recorded()
    {
        using var keys = new SealKeys();
        await StartAndStop(millrace => millrace.AddSeals(seals =>
        {
            seals.KeyFile = keys.Key;
            seals.AnchorUrl = new Uri("http://user:hidden-1@127.0.0.1:9/anchors?token=hidden-2");
        }));

        await using var store = await _people.OpenStored();
        var settings = await store.ReadStream(ConfigurationAudit.Stream).SingleAsync();
        var text = Encoding.UTF8.GetString(settings.Payload.Span);
        Assert.Contains("http://127.0.0.1:9/anchors", text, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", text, StringComparison.Ordinal);
        Assert.DoesNotContain("correct horse", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_nodes_that_start_at_the_same_time_one_records()
    {
        await using var store = await EventStore.Open(
            new Storage.InMemory.InMemoryStorage(), EventTypeMap.Empty);
        var settings = new Dictionary<string, string> { ["access"] = "on" };

        await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => new ConfigurationAudit(store, settings).Record(default)));

        Assert.Single(await AuditTrails.Of(store).Read(new AuditQuery()).ToListAsync());
    }

    [Fact]
    public async Task An_application_cannot_append_settings()
    {
        await using var store = await EventStore.Open(
            new Storage.InMemory.InMemoryStorage(), EventTypeMap.Empty);
        var forged = NewEvent.FromBytes(PlatformEvents.ConfigurationRecorded, "{}"u8.ToArray());

        await Assert.ThrowsAsync<InvalidNameException>(
            () => store.Append(ConfigurationAudit.Stream, ExpectedVersion.Any, [forged]));
    }

    [Fact]
    public async Task Settings_that_cannot_be_read_are_recorded_again()
    {
        await using var store = await EventStore.Open(
            new Storage.InMemory.InMemoryStorage(), EventTypeMap.Empty);
        await store.Append(new AppendRequest { CopiesReservedEvents = true }.To(
            ConfigurationAudit.Stream,
            ExpectedVersion.Any,
            NewEvent.FromBytes(PlatformEvents.ConfigurationRecorded, "[]"u8.ToArray())));

        await new ConfigurationAudit(store, new Dictionary<string, string> { ["access"] = "on" }).Record(default);

        var entry = await AuditTrails.Of(store).Read(new AuditQuery()).SingleAsync();
        Assert.Equal([new AuditChange("access", null, "on")], entry.Changes);
    }

    private async Task StartAndStop(
        Action<MillraceBuilder>? configure = null, Action<AuditTrailOptions>? audit = null)
    {
        var host = await _people.Start(configure, audit);
        Assert.NotNull(host.Services.GetRequiredService<IAuditTrail>());
        await AuditedPeople.Stop(host);
    }
}
