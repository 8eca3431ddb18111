using DuckDB.NET.Data;

namespace Millrace.Archive.Tests;

/// <summary>Tests that other programs can read segments.</summary>
public sealed class SegmentFormatTests
{
    private static readonly string[] Columns =
    [
        "position BIGINT",
        "stream VARCHAR",
        "version BIGINT",
        "id VARCHAR",
        "type VARCHAR",
        "schema_version INTEGER",
        "content_type VARCHAR",
        "recorded_at TIMESTAMP WITH TIME ZONE",
        "payload BLOB",
        "metadata BLOB",
        "source VARCHAR",
        "correlation_id VARCHAR",
        "causation_id VARCHAR",
        "encryption_key_id VARCHAR",
        "tags VARCHAR[]",
    ];

    [Fact]
    public async Task DuckDB_reads_the_documented_columns_of_a_segment()
    {
        await using var fixture = await ArchiveFixture.Create(StoreKind.Sqlite);
        await fixture.Append("order-1", 3);
        await fixture.Archive.Run(new ArchiveSelection { Streams = "order-*" });
        var file = Assert.Single(fixture.Segments());

        Assert.Equal(
            Columns, Query($"SELECT column_name || ' ' || column_type FROM (DESCRIBE SELECT * FROM '{file}')"));
        Assert.Equal(
            ["1 order-1 1 {\"secret-of\":\"order-1\",\"number\":0} ['stream:order-1'] 2026-01-02 00:00:00"],
            Query(
                $"""
                SELECT position || ' ' || stream || ' ' || version || ' ' || decode(payload) || ' ' || tags::varchar
                    || ' ' || (recorded_at AT TIME ZONE 'UTC')::varchar
                FROM '{file}' WHERE version = 1
                """));
        Assert.Equal(
            ["2"],
            Query($"SELECT json_extract_string(decode(payload), '$.number') FROM '{file}' WHERE position = 3"));
    }

    [Fact]
    public async Task A_file_of_another_program_is_refused()
    {
        var format = new ParquetArchiveFormat();
        var file = Path.Combine(Path.GetTempPath(), $"{Path.GetRandomFileName()}.parquet");
        try
        {
            Query($"COPY (SELECT 1 AS position) TO '{file}' (FORMAT parquet)");

            await Assert.ThrowsAsync<FormatException>(async () =>
                await format.Read(await File.ReadAllBytesAsync(file), default));
            await Assert.ThrowsAsync<FormatException>(async () => await format.Read("no Parquet"u8.ToArray(), default));
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static List<string> Query(string sql)
    {
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
            rows.Add(reader.GetValue(0).ToString()!);
        return rows;
    }
}
