namespace Millrace.Tests.Auditing;

/// <summary>Tests that each manipulation of a SQLite file by a user with full access is detected.</summary>
public sealed class SealTamperTests
{
    private const string Tile0 = "'tile-0-00000000000000000'";
    private const string Tile1 = "'tile-1-00000000000000000'";
    private const string SealsOf = "(SELECT id FROM streams WHERE name = '$seals')";
    private const string Ship2 = "(SELECT id FROM streams WHERE name = 'ship-2')";

    public static TheoryData<string, SealFindingKind> Manipulations => new()
    {
        // Each column of an event.
        { "UPDATE events SET payload = x'7B7D' WHERE position = 50", SealFindingKind.EventChanged },
        { "UPDATE events SET payload = payload || x'20' WHERE position = 50", SealFindingKind.EventChanged },
        { "UPDATE events SET payload = x'' WHERE position = 50", SealFindingKind.EventChanged },
        { "UPDATE events SET metadata = x'7B7D' WHERE position = 50", SealFindingKind.EventChanged },
        { "UPDATE events SET metadata = NULL WHERE position = 50", SealFindingKind.EventChanged },
        { "UPDATE events SET id = randomblob(16) WHERE position = 50", SealFindingKind.EventChanged },
        { "UPDATE events SET timestamp = timestamp + 1 WHERE position = 50", SealFindingKind.EventChanged },
        { "UPDATE events SET timestamp = timestamp - 86400000000", SealFindingKind.EventChanged },
        { "UPDATE events SET schema_version = 2 WHERE position = 50", SealFindingKind.EventChanged },
        { "UPDATE events SET correlation = randomblob(16) WHERE position = 50", SealFindingKind.EventChanged },
        { "UPDATE events SET correlation = NULL WHERE position = 50", SealFindingKind.EventChanged },
        { "UPDATE events SET causation = randomblob(16) WHERE position = 50", SealFindingKind.EventChanged },
        { "UPDATE events SET causation = NULL WHERE position = 50", SealFindingKind.EventChanged },
        { "UPDATE events SET source = NULL WHERE position = 50", SealFindingKind.EventChanged },
        { "UPDATE events SET source = type WHERE position = 50", SealFindingKind.EventChanged },
        { "UPDATE events SET key = type WHERE position = 50", SealFindingKind.EventChanged },
        { "UPDATE events SET tags = NULL WHERE position = 50", SealFindingKind.EventChanged },
        { "UPDATE events SET tags = x'646F636B3A39' WHERE position = 50", SealFindingKind.EventChanged },
        { "UPDATE events SET type = source WHERE position = 50", SealFindingKind.EventChanged },
        { "UPDATE events SET content_type = type WHERE position = 50", SealFindingKind.EventChanged },
        { "UPDATE events SET version = 9000 WHERE position = 50", SealFindingKind.EventChanged },
        {
            "UPDATE events SET stream = (SELECT id FROM streams WHERE name = 'ship-x'), version = 77 "
                + "WHERE position = 50",
            SealFindingKind.EventChanged
        },
        // Names, which events share.
        { "UPDATE names SET name = 'ship.unloaded' WHERE name = 'ship.loaded'", SealFindingKind.EventChanged },
        { "UPDATE names SET name = 'port' WHERE name = 'harbour'", SealFindingKind.EventChanged },
        { "UPDATE streams SET name = 'ship-22' WHERE name = 'ship-2'", SealFindingKind.EventChanged },
        { "DELETE FROM names WHERE name = 'ship.loaded'", SealFindingKind.EventUnreadable },
        { "UPDATE events SET type = 9999 WHERE position = 50", SealFindingKind.EventUnreadable },
        { "UPDATE events SET tags = x'FF' WHERE position = 50", SealFindingKind.EventUnreadable },
        // Events removed, added, swapped, shifted.
        { "DELETE FROM events WHERE position = 7", SealFindingKind.EventMissing },
        { "DELETE FROM events WHERE position BETWEEN 250 AND 260", SealFindingKind.EventMissing },
        { "DELETE FROM events WHERE position > 580", SealFindingKind.EventMissing },
        { $"DELETE FROM events WHERE stream = {Ship2}", SealFindingKind.EventMissing },
        { "DELETE FROM events", SealFindingKind.EventMissing },
        {
            "UPDATE events SET position = -1 WHERE position = 50; UPDATE events SET position = 50 WHERE position = 51; "
                + "UPDATE events SET position = 51 WHERE position = -1",
            SealFindingKind.EventChanged
        },
        {
            "UPDATE events SET payload = (SELECT other.payload FROM events other WHERE other.position = 60) "
                + "WHERE position = 50",
            SealFindingKind.EventChanged
        },
        {
            $"UPDATE events SET version = version + 100000 WHERE stream = {Ship2}",
            SealFindingKind.EventChanged
        },
        {
            "DELETE FROM events WHERE position = 400; UPDATE events SET position = -position WHERE position > 400; "
                + "UPDATE events SET position = -position - 1 WHERE position < 0",
            SealFindingKind.EventChanged
        },
        {
            "UPDATE events SET position = 4000000000000000 WHERE position = (SELECT max(position) FROM events)",
            SealFindingKind.EventMissing
        },
        { Copy("0", 90_000, 50), SealFindingKind.StreamChanged },
        { Copy("-5", 90_000, 50), SealFindingKind.StreamChanged },
        { Copy("302", 90_000, 50), SealFindingKind.EventInserted }, // Removed before it was sealed.
        { Copy("2", 90_000, 50), SealFindingKind.EventChanged }, // Removed after it was sealed.
        { Copy("2", 2, 20), SealFindingKind.EventRestored },
        // The stored hashes.
        { $"UPDATE {{tiles}} SET body = zeroblob(8192) WHERE key = {Tile0}", SealFindingKind.HashChanged },
        {
            $"UPDATE {{tiles}} SET body = x'0000' || substr(body, 3) WHERE key = {Tile0}",
            SealFindingKind.HashChanged
        },
        {
            $"UPDATE {{tiles}} SET body = substr(body, 33) || substr(body, 1, 32) WHERE key = {Tile0}",
            SealFindingKind.HashChanged
        },
        { $"UPDATE {{tiles}} SET body = substr(body, 33) WHERE key = {Tile0}", SealFindingKind.HashChanged },
        { $"UPDATE {{tiles}} SET body = body || zeroblob(32) WHERE key = {Tile1}", SealFindingKind.HashChanged },
        { $"UPDATE {{tiles}} SET body = substr(body, 2) WHERE key = {Tile1}", SealFindingKind.HashChanged },
        {
            $"UPDATE {{tiles}} SET body = x'0000' || substr(body, 3) WHERE key = {Tile1}",
            SealFindingKind.HashChanged
        },
        { $"DELETE FROM {{tiles}} WHERE key = {Tile0}", SealFindingKind.HashChanged },
        { $"DELETE FROM {{tiles}} WHERE key = {Tile1}", SealFindingKind.HashChanged },
        { "DELETE FROM {tiles} WHERE key = 'state'", SealFindingKind.HashChanged },
        { "UPDATE {tiles} SET body = x'7B7D' WHERE key = 'state'", SealFindingKind.HashChanged },
        {
            "INSERT INTO {tiles} (key, version, position, body) VALUES ('tile-5-00000000000000000', 1, 1, x'00')",
            SealFindingKind.HashChanged
        },
        { "DELETE FROM {tiles}", SealFindingKind.HashChanged },
        { "DELETE FROM collections WHERE name = 'seal-tiles'", SealFindingKind.HashChanged },
        // The seals.
        { $"DELETE FROM events WHERE stream = {SealsOf} AND version = 1", SealFindingKind.SealMissing },
        { $"DELETE FROM events WHERE stream = {SealsOf} AND version = 2", SealFindingKind.SealMissing },
        { $"DELETE FROM events WHERE stream = {SealsOf} AND version = 4", SealFindingKind.AnchorMismatch },
        { $"DELETE FROM events WHERE stream = {SealsOf}", SealFindingKind.SealMissing },
        {
            $"UPDATE events SET payload = x'7B7D' WHERE stream = {SealsOf} AND version = 2",
            SealFindingKind.SealInvalid
        },
        {
            $"UPDATE events SET payload = x'7B7D' WHERE stream = {SealsOf} AND version = 4",
            SealFindingKind.AnchorMismatch
        },
        {
            $"UPDATE events SET version = 9 WHERE stream = {SealsOf} AND version = 4",
            SealFindingKind.SealMissing
        },
        {
            $"UPDATE events SET payload = replace(payload, '\"epoch\":1', '\"epoch\":2') "
                + $"WHERE stream = {SealsOf} AND version = 4",
            SealFindingKind.SealInvalid
        },
        { "UPDATE streams SET name = 'seals' WHERE name = '$seals'", SealFindingKind.SealMissing },
        // Removals and streams.
        { "DELETE FROM removals", SealFindingKind.RemovalsChanged },
        { "DELETE FROM removals WHERE id = 1", SealFindingKind.RemovalsChanged },
        { "UPDATE removals SET reason = 'lawful' WHERE id = 1", SealFindingKind.RemovalsChanged },
        { "UPDATE removals SET \"by\" = 'bob' WHERE id = 1", SealFindingKind.RemovalsChanged },
        { "UPDATE removals SET at = at + 1 WHERE id = 1", SealFindingKind.RemovalsChanged },
        {
            "UPDATE removals SET events = events + 1, to_version = to_version + 1 WHERE id = 1",
            SealFindingKind.RemovalsChanged
        },
        {
            "INSERT INTO removals (id, stream, kind, from_version, to_version, events, reason, at) "
                + "VALUES (0, 2, 1, 1, 1, 1, 'forged', 1); DELETE FROM events WHERE position = 3",
            SealFindingKind.RemovalsChanged
        },
        { "UPDATE streams SET state = 1, first_version = 100 WHERE name = 'ship-2'", SealFindingKind.StreamChanged },
        { "UPDATE streams SET state = 0, first_version = 1 WHERE name = 'ship-z'", SealFindingKind.StreamChanged },
    };

    [Fact]
    public async Task An_intact_log_with_removals_is_sound()
    {
        using var file = await SealedFile.Copy();

        var report = await file.Verify();

        Assert.Equal([], report.Findings);
        Assert.Equal((4, 4), (report.Seals, report.Anchors));
        Assert.Equal(report.SealedThrough, report.AnchoredThrough);
        Assert.Equal(4, report.Unsealed); // The last seal and three events.
        Assert.Equal(6, report.RemovedEvents);
        Assert.Single(report.Keys);
    }

    [Theory]
    [MemberData(nameof(Manipulations))]
    public async Task A_manipulation_with_sql_is_detected(string sql, SealFindingKind expected)
    {
        using var file = await SealedFile.Copy();
        file.Run(sql);

        var report = await file.Verify();

        Assert.False(report.IsSound);
        Assert.True(
            report.Findings.Any(finding => finding.Kind == expected),
            string.Join('\n', report.Findings.Take(10)));
    }

    [Theory]
    [InlineData("UPDATE events SET payload = x'7B7D' WHERE position = 50", 50)]
    [InlineData("DELETE FROM events WHERE position = 50; DELETE FROM removals", 50)]
    [InlineData("UPDATE {tiles} SET body = x'0000' || substr(body, 3) WHERE key = 'tile-0-00000000000000001'", 257)]
    public async Task A_finding_names_the_position(string sql, long position)
    {
        using var file = await SealedFile.Copy();
        file.Run(sql);

        var report = await file.Verify();

        Assert.Contains(
            report.Findings,
            finding => finding.Position == position
                || finding.Message.Contains($" {position}", StringComparison.Ordinal));
    }

    private static string Copy(string position, long version, long of) =>
        $"""
        INSERT INTO events (position, stream, version, type, schema_version, content_type, id, timestamp, checksum,
            correlation, causation, source, key, tags, metadata, payload)
        SELECT {position}, {(version < 1000 ? "(SELECT id FROM streams WHERE name = 'ship-1')" : "stream")}, {version},
            type, schema_version, content_type, id, timestamp, checksum, correlation, causation, source, key, tags,
            metadata, payload
        FROM events WHERE position = {of}
        """;
}
