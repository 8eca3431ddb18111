using System.Text;

namespace Millrace.Sql.Tests;

/// <summary>Tests that no payload ends a statement, and that no value changes on its way into a column.</summary>
public sealed class UnusualJsonTests
{
    [Theory]
    [InlineData("1, 2, -9223372036854775808", "BIGINT", "1, 2, -9223372036854775808")]
    [InlineData("1, 9223372036854775808", "HUGEINT", "1, 9223372036854775808")]
    [InlineData("99999999999999999999999999999999999999", "HUGEINT", "99999999999999999999999999999999999999")]
    [InlineData("1, 123456789012345678901234567890123456789", "JSON", "1, 123456789012345678901234567890123456789")]
    [InlineData("0.1, 10", "DECIMAL(3,1)", "0.1, 10.0")]
    [InlineData(
        "12345678901234567890.123456789, 1", "DECIMAL(29,9)", "12345678901234567890.123456789, 1.000000000")]
    [InlineData("1e3, 0.1, 1e300", "DOUBLE", "1000.0, 0.1, 1e+300")]
    [InlineData("1e400, 1", "JSON", "1e400, 1")]
    [InlineData("0.12345678901234567890123456789, 1e5", "JSON", "0.12345678901234567890123456789, 1e5")]
    [InlineData("true, false, null", "BOOLEAN", "true, false, NULL")]
    [InlineData("null", "JSON", "NULL")]
    [InlineData("1, \"1\"", "JSON", "1, \"1\"")]
    [InlineData("\"a\", {\"b\":1}", "JSON", "\"a\", {\"b\":1}")]
    [InlineData("\"2026-01-31\", \"2026-02-30\"", "VARCHAR", "2026-01-31, 2026-02-30")]
    [InlineData("\"2026-01-31\", \"0001-01-01\"", "DATE", "2026-01-31, 0001-01-01")]
    [InlineData(
        "\"2026-01-31T10:00:00Z\", \"2026-01-31T10:00:00.1234560+00:00\"",
        "TIMESTAMP WITH TIME ZONE",
        "2026-01-31 10:00:00+00, 2026-01-31 10:00:00.123456+00")]
    [InlineData("\"2026-01-31T10:00:00+02:00\"", "TIMESTAMP WITH TIME ZONE", "2026-01-31 08:00:00+00")]
    [InlineData("\"2026-01-31T10:00:00.1234567Z\"", "TIMESTAMP WITH TIME ZONE", "2026-01-31 10:00:00.123456+00")]
    [InlineData("\"2026-01-31T10:00:00.12345678Z\"", "VARCHAR", "2026-01-31T10:00:00.12345678Z")]
    [InlineData("\"2026-01-31T10:00:00+15:00\"", "VARCHAR", "2026-01-31T10:00:00+15:00")]
    [InlineData("\"\\ud83d\\ude00\", \"\"", "VARCHAR", "\ud83d\ude00, ")]
    [InlineData("\"\\u0000x\"", "JSON", "\"\\u0000x\"")]
    [InlineData("\"\\ud800\"", "JSON", "\"\\\"\\\\ud800\\\"\"")]
    [InlineData("\"s\\u0301\"", "VARCHAR", "s\u0301")]
    public async Task A_member_has_a_type_that_holds_all_its_values(string values, string type, string expected)
    {
        await using var store = await SqlStore.Create(StoreKind.Memory);
        await store.Append("a-1", "a.done", [.. values.Split(", ").Select(value => $$"""{"v":{{value}}}""")]);

        Assert.Equal([$"v {type}"], await store.Columns("SELECT v FROM event_a_done"));
        Assert.Equal(expected.Split(", "), await store.Rows("SELECT v FROM event_a_done ORDER BY version"));
    }

    [Fact]
    public async Task A_repeated_member_has_its_last_value_and_the_data_has_both()
    {
        await using var store = await SqlStore.Create(StoreKind.Memory);
        await store.Append("a-1", "a.done", """{"v":1,"v":2}""");

        Assert.Equal(["""2|{"v":1,"v":2}"""], await store.Rows("SELECT v, data FROM event_a_done"));
    }

    [Fact]
    public async Task Payloads_that_are_not_json_objects_have_no_members()
    {
        await using var store = await SqlStore.Create(StoreKind.Memory);
        await store.Append("a-1", "a.done", """{"v":1}""", "[1,2]", "7", "\"x\"", "null", "");
        await store.Store.Append(new StreamId("a-1"), ExpectedVersion.Any, [
            NewEvent.FromBytes("a.done", "{\"v\":1,"u8.ToArray(), "text/plain"),
            NewEvent.FromBytes("a.done", new byte[] { 0xff, 0x00 }, "application/octet-stream"),
            NewEvent.FromBytes("a.done", Encoding.UTF8.GetBytes("plain text"), "text/plain"),
        ]);

        Assert.Equal(
            [
                """1|{"v":1}|{"v":1}""", "NULL|[1,2]|[1,2]", "NULL|7|7", "NULL|\"x\"|\"x\"", "NULL|null|null",
                "NULL|NULL|NULL", "1|NULL|{\"v\":1,", "NULL|NULL|NULL", "NULL|NULL|plain text",
            ],
            await store.Rows("SELECT v, data, data_text FROM event_a_done ORDER BY version"));
    }

    [Fact]
    public async Task Names_of_members_are_quoted()
    {
        await using var store = await SqlStore.Create(StoreKind.Memory);
        await store.Append("a-1", "a.done", """{"a b":1,"x\"y":2,"it's":3,"select":4,"":5,"\ud800":6,"é;--":7}""");

        Assert.Equal(
            ["1|2|3|4|7"],
            await store.Rows("""SELECT "a b", "x""y", "it's", "select", "é;--" FROM event_a_done"""));
    }

    [Fact]
    public async Task Members_that_appear_later_are_null_before()
    {
        await using var store = await SqlStore.Create(StoreKind.Memory);
        await store.Append("a-1", "a.done", """{"a":1}""", """{"b":2}""", """{"c":3,"a":4}""");

        Assert.Equal(
            ["1|NULL|NULL", "NULL|2|NULL", "4|NULL|3"],
            await store.Rows("SELECT a, b, c FROM event_a_done ORDER BY version"));
    }

    [Fact]
    public async Task A_payload_with_many_members_has_columns_for_the_first()
    {
        await using var store = await SqlStore.Create(StoreKind.Memory);
        var members = string.Join(',', Enumerable.Range(0, 300).Select(number => $"\"m{number}\":{number}"));
        await store.Append("a-1", "a.done", $"{{{members}}}");

        Assert.Equal(["0|199|299"], await store.Rows("SELECT m0, m199, data->>'m299' FROM event_a_done"));
        await Assert.ThrowsAsync<SqlException>(() => store.Run("SELECT m200 FROM event_a_done"));
    }

    [Fact]
    public async Task Deep_json_is_read()
    {
        await using var store = await SqlStore.Create(StoreKind.Memory);
        var deep = new string('[', 400) + new string(']', 400);
        await store.Append("a-1", "a.done", $$"""{"v":{{deep}},"w":1}""");

        Assert.Equal([deep + "|1"], await store.Rows("SELECT v, w FROM event_a_done"));
    }
}
