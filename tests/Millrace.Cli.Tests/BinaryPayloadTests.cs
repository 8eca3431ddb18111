using System.Text.Json;
using Millrace.Serialization;

namespace Millrace.Cli.Tests;

/// <summary>
/// Tests that CBOR events are shown, exported and accepted as JSON. Their stored bytes do not change.
/// </summary>
public sealed class BinaryPayloadTests : IDisposable
{
    private const string Json = """{"device":7,"celsius":21.50,"at":"2011-12-05T17:30:00Z"}""";

    private readonly Tool _tool = new();

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task A_JSON_payload_is_stored_as_CBOR_and_shown_as_JSON()
    {
        await Append(Json);

        var raw = await _tool.RunOk("read", "device-7", "--raw");
        var line = await _tool.RunOk("read", "device-7", "--json");
        var shown = await _tool.RunOk("read", "device-7");

        Assert.Equal(CborJson.FromJson(System.Text.Encoding.UTF8.GetBytes(Json)), raw.Bytes);
        Assert.Equal(Json, line.Json.GetProperty("data").GetRawText());
        Assert.Equal("application/cbor", line.Json.GetProperty("contentType").GetString());
        Assert.Contains("\"celsius\": 21.50", shown.Output, StringComparison.Ordinal);
        Assert.Contains("application/cbor", shown.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_CBOR_payload_that_is_not_valid_JSON_is_refused()
    {
        var run = await _tool.Run(
            "append",
            "device-7",
            "--create",
            "--type",
            "a.b",
            "--content-type",
            "application/cbor",
            "--data",
            "{",
            "--store",
            _tool.Store);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("--data is not JSON", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_export_keeps_the_bytes_and_adds_the_JSON_on_request()
    {
        await Append(Json);

        var asBytes = (await _tool.RunOk("export")).Json;
        var asJson = (await _tool.RunOk("export", "--as-json")).Json;

        Assert.Equal("application/cbor", asBytes.GetProperty("datacontenttype").GetString());
        Assert.Equal(
            Json,
            System.Text.Encoding.UTF8.GetString(
                CborJson.ToJson(asBytes.GetProperty("data_base64").GetBytesFromBase64())));
        Assert.Equal("application/json", asJson.GetProperty("datacontenttype").GetString());
        Assert.Equal(Json, asJson.GetProperty("data").GetRawText());
    }

    [Fact]
    public async Task A_payload_that_is_not_valid_CBOR_is_shown_as_bytes()
    {
        await using (var store = await StoreFile.Open(_tool.Store))
        {
            foreach (var bytes in new byte[][]
                {
                    [0xa1, 0x61],
                    [0x9f],
                    [0xff],
                    [0x7b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
                    [],
                }
            )
                await store.Append(
                    new StreamId("odd-1"),
                    ExpectedVersion.Any,
                    [NewEvent.FromBytes("odd", bytes, EventContentType.Cbor)]);
        }

        var lines = await _tool.RunOk("read", "odd-1", "--json");
        var shown = await _tool.RunOk("read", "odd-1");
        var exported = await _tool.RunOk("export", "--as-json");

        Assert.Equal(5, lines.Lines.Length);
        Assert.All(
            lines.Lines, line => Assert.True(JsonDocument.Parse(line).RootElement.TryGetProperty("dataBase64", out _)));
        Assert.Contains("not JSON, 2 bytes", shown.Output, StringComparison.Ordinal);
        Assert.All(exported.Lines, line => Assert.Contains("application/cbor", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_build_is_checked_against_stored_CBOR_and_the_store_is_sound()
    {
        const string Order = "0193b1c2-0000-7000-8000-000000000001";
        await Append(
            "order-1",
            ("order.created", $$"""{"order":"{{Order}}","total":2.5,"address":"Mill Lane 1"}"""),
            ("order.paid", $$"""{"order":"{{Order}}","reference":"r1"}"""),
            ("order.shipped", $$"""{"order":"{{Order}}","carrier":7}"""));

        var after = await _tool.Run(
            "schema", "check", "--build", Tool.ProgramFile("Evolution.After"), "--store", _tool.Store, "--json");
        var verified = await _tool.RunOk("verify", "--json");

        var types = after
            .Json.GetProperty("types")
            .EnumerateArray()
            .ToDictionary(type => type.GetProperty("type").GetString()!);
        Assert.Equal(1, after.ExitCode);
        Assert.Equal(0, types["order.created"].GetProperty("unreadable").GetInt32());
        Assert.Equal(0, types["order.paid"].GetProperty("unreadable").GetInt32());
        Assert.Equal(1, types["order.shipped"].GetProperty("unreadable").GetInt32());
        Assert.Contains(
            "carrier (number)", types["order.shipped"].GetProperty("skeleton").GetString(), StringComparison.Ordinal);
        Assert.True(verified.Json.GetProperty("isSound").GetBoolean());
    }

    [Fact]
    public async Task A_preview_folds_stored_CBOR()
    {
        const string Customer = "0192f0c1-2345-7890-abcd-ef0123456789";
        await Append($"customer-{Customer}", ("customer.registered", $$"""
            {"customer":"{{Customer}}","username":"ada","email":"ada@example.org","occurredAt":"2026-01-01T00:00:00Z"}
            """));

        var preview = await _tool.Run(
            "preview", "--build", Tool.ProgramFile("Commerce"), "--store", _tool.Store, "--json");

        Assert.Equal(6, preview.ExitCode);
        Assert.Contains("ada@example.org", preview.Output, StringComparison.Ordinal);
    }

    private async Task Append(string stream, params (string Type, string Json)[] events)
    {
        await using var store = await StoreFile.Open(_tool.Store);
        await store.Append(new StreamId(stream), ExpectedVersion.Any,
        [
            .. events.Select(item => NewEvent.FromBytes(
                item.Type, CborJson.FromJson(System.Text.Encoding.UTF8.GetBytes(item.Json)), EventContentType.Cbor)),
        ]);
    }

    private Task<ToolRun> Append(string json) =>
        _tool.RunOk(
            "append",
            "device-7",
            "--create",
            "--type",
            "device.measured",
            "--content-type",
            "application/cbor",
            "--data",
            json,
            "--store",
            _tool.Store);
}
