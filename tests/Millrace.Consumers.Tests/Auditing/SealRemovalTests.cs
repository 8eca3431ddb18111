using Millrace.Auditing.Sealing;

namespace Millrace.Tests.Auditing;

/// <summary>Tests that a record of a removal explains only what it reports, and only if it is sealed.</summary>
public sealed class SealRemovalTests
{
    private const string Ship5 = "(SELECT id FROM streams WHERE name = 'ship-5')"; // Position 42 is its version 7.
    private const string Insert = "INSERT INTO removals (stream, kind, from_version, to_version, events, reason, at)";

    [Theory]
    [InlineData("1, 1, 0, 1")] // Reports no version.
    [InlineData("1, 7, 7, 1")] // Leaves versions before it.
    [InlineData("0, 7, 7, 1")] // A deletion removes nothing from the log.
    [InlineData("1, 1, 3, 1")] // Other versions, and a wrong number.
    public async Task A_forged_record_does_not_hide_a_removed_event(string values)
    {
        using var file = await SealedFile.Copy();
        file.Run($"DELETE FROM events WHERE position = 42; {Insert} VALUES ({Ship5}, {values}, 'x', 0)");

        var report = await file.Verify(file.Keys.Evidence() with { AcceptsNewRemovals = true });

        Assert.Contains(report.Findings, finding => finding.Kind == SealFindingKind.RemovalsChanged);
        Assert.True(
            report.Findings.Any(finding =>
                finding.Kind is SealFindingKind.EventMissing or SealFindingKind.EventRestored
                && finding.Message.Contains("ship-5", StringComparison.Ordinal)),
            string.Join('\n', report.Findings));
    }

    [Fact]
    public async Task A_record_of_another_stream_does_not_explain_a_missing_event()
    {
        using var file = await SealedFile.Copy();
        file.Run(
            $"DELETE FROM events WHERE position = 42; {Insert} "
                + "VALUES ((SELECT id FROM streams WHERE name = 'ship-4'), 1, 1, 1, 1, 'x', 0); "
                + "DELETE FROM events WHERE position = 5; UPDATE streams SET first_version = 2 WHERE name = 'ship-4'; "
                + "UPDATE removals SET events = 2 WHERE id = (SELECT max(id) FROM removals)");

        var report = await file.Verify(file.Keys.Evidence() with { AcceptsNewRemovals = true });

        Assert.Contains(
            report.Findings,
            finding => finding is { Kind: SealFindingKind.EventMissing }
                && finding.Message.Contains("Version 7 of 'ship-5'", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_complete_forged_removal_is_reported_because_no_anchor_covers_it()
    {
        using var file = await SealedFile.Copy();
        file.Run(
            $"DELETE FROM events WHERE stream = {Ship5} AND version <= 7; "
                + $"{Insert} VALUES ({Ship5}, 1, 1, 7, 7, 'x', 0); "
                + "UPDATE streams SET first_version = 8 WHERE name = 'ship-5'");

        var report = await file.Verify();

        var finding = Assert.Single(report.Findings);
        Assert.Equal((SealFindingKind.RemovalNotCovered, 1), (finding.Kind, report.NewRemovals));
        Assert.Contains("Versions 1 to 7 of 'ship-5' were removed", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_genuine_removal_must_be_accepted_until_it_is_sealed_and_anchored()
    {
        using var file = await SealedFile.Copy();
        var withKey = new SealEvidence { KeyFiles = [file.Keys.PublicKey] };
        await using (var store = await EventStore.Open(file.Open(), EventTypeMap.Empty))
            await store.Truncate(new StreamId("ship-2"), 5, "law", "eve");

        var refused = await file.Verify();
        var notSealed = await file.Verify(withKey);
        var accepted = await file.Verify(file.Keys.Evidence() with { AcceptsNewRemovals = true });
        using (var signer = SealSigner.Load(file.Keys.Key, null))
        await using (var store = await EventStore.Open(file.Open(), EventTypeMap.Empty))
            await SealedLog.Seal(store, signer);
        var isSealed = await file.Verify(withKey);
        var notAnchored = await file.Verify();

        Assert.Equal([SealFindingKind.RemovalNotCovered], refused.Findings.Select(finding => finding.Kind));
        Assert.Contains("Versions 1 to 4 of 'ship-2'", refused.Findings[0].Message, StringComparison.Ordinal);
        Assert.Contains("of eve at", refused.Findings[0].Message, StringComparison.Ordinal);
        Assert.Equal([SealFindingKind.RemovalNotCovered], notSealed.Findings.Select(finding => finding.Kind));
        Assert.Equal((0, 1), (accepted.Findings.Count, accepted.NewRemovals));
        Assert.Equal((0, 0), (isSealed.Findings.Count, isSealed.NewRemovals));
        Assert.Equal([SealFindingKind.RemovalNotCovered], notAnchored.Findings.Select(finding => finding.Kind));
    }
}
