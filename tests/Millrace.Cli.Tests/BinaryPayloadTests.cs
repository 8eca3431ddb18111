using System.Text.Json;
using Millrace.Serialization;

namespace Millrace.Cli.Tests;

/// <summary>Events that are stored as CBOR are shown, exported and taken as the JSON they mean; their bytes stay as they are.</summary>
public sealed class BinaryPayloadTests : IDisposable
{
    private const string Json = """{"device":7,"celsius":21.50,"at":"2011-12-05T17:30:00Z"}""";

    private readonly Tool _tool = new();

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task What_is_given_as_JSON_is_stored_as_CBOR_and_shown_as_JSON()
    {
        await Append(Json);

        var raw = await _tool.Done("read", "device-7", "--raw");
        var line = await _tool.Done("read", "device-7", "--json");
        var shown = await _tool.Done("read", "device-7");

        Assert.Equal(CborJson.FromJson(System.Text.Encoding.UTF8.GetBytes(Json)), raw.Bytes);
        Assert.Equal(Json, line.Json.GetProperty("data").GetRawText());
        Assert.Equal("application/cbor", line.Json.GetProperty("contentType").GetString());
        Assert.Contains("\"celsius\": 21.50", shown.Output, StringComparison.Ordinal);
        Assert.Contains("application/cbor", shown.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_JSON_cannot_be_given_for_CBOR()
    {
        var run = await _tool.Run(
            "append", "device-7", "--create", "--type", "a.b", "--content-type", "application/cbor", "--data", "{", "--store", _tool.Store);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("--data is not JSON", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_export_keeps_the_bytes_and_tells_the_JSON_when_asked()
    {
        await Append(Json);

        var kept = (await _tool.Done("export")).Json;
        var told = (await _tool.Done("export", "--as-json")).Json;

        Assert.Equal("application/cbor", kept.GetProperty("datacontenttype").GetString());
        Assert.Equal(Json, System.Text.Encoding.UTF8.GetString(CborJson.ToJson(kept.GetProperty("data_base64").GetBytesFromBase64())));
        Assert.Equal("application/json", told.GetProperty("datacontenttype").GetString());
        Assert.Equal(Json, told.GetProperty("data").GetRawText());
    }

    [Fact]
    public async Task Bytes_that_are_no_CBOR_are_shown_as_bytes()
    {
        await using (var store = await StoreFile.Open(_tool.Store))
        {
            foreach (var bytes in new byte[][] { [0xa1, 0x61], [0x9f], [0xff], [0x7b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], [] })
                await store.Append(new StreamId("odd-1"), ExpectedVersion.Any, [NewEvent.FromBytes("odd", bytes, EventContentType.Cbor)]);
        }

        var lines = await _tool.Done("read", "odd-1", "--json");
        var shown = await _tool.Done("read", "odd-1");
        var exported = await _tool.Done("export", "--as-json");

        Assert.Equal(5, lines.Lines.Length);
        Assert.All(lines.Lines, line => Assert.True(JsonDocument.Parse(line).RootElement.TryGetProperty("dataBase64", out _)));
        Assert.Contains("not JSON, 2 bytes", shown.Output, StringComparison.Ordinal);
        Assert.All(exported.Lines, line => Assert.Contains("application/cbor", line, StringComparison.Ordinal));
    }

    private Task<ToolRun> Append(string json) => _tool.Done(
        "append", "device-7", "--create", "--type", "device.measured", "--content-type", "application/cbor", "--data", json,
        "--store", _tool.Store);
}
