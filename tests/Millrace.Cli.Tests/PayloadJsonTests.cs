using System.Text;
using System.Text.Json;
using Millrace.Shared.Json;

namespace Millrace.Cli.Tests;

/// <summary>Tests that a payload of any bytes is printed as one line of JSON.</summary>
public sealed class PayloadJsonTests
{
    [Theory]
    [InlineData("{\"amount\":1e400,\"amount\":2}", "1e400,\"amount\":2")]
    [InlineData("{\n  \"amount\":\r\n 1\n}", "\"amount\":   1")]
    [InlineData("[\"\\ud800\"]", "\\ud800")]
    public void Json_is_printed_as_stored_on_one_line(string payload, string expected)
    {
        var answer = Answer(Encoding.UTF8.GetBytes(payload));

        Assert.Contains(expected, answer, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', answer);
        Assert.True(JsonDocument.Parse(answer).RootElement.TryGetProperty("payload", out _));
    }

    [Fact]
    public void Json_within_the_depth_limit_is_printed_and_deeper_json_is_base_64()
    {
        Assert.StartsWith("{\"payload\":[[[", Answer(Nested(PayloadJson.MaxDepth)), StringComparison.Ordinal);
        Assert.StartsWith("{\"payloadBase64\":\"", Answer(Nested(PayloadJson.MaxDepth + 1)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[0])]
    [InlineData(new byte[] { (byte)'"', 0xff, (byte)'"' })]
    [InlineData(new byte[] { (byte)'{' })]
    [InlineData(new byte[] { (byte)'1', (byte)' ', (byte)'2' })]
    public void A_payload_that_is_not_JSON_is_printed_as_base_64(byte[] payload) =>
        Assert.Equal(
            payload, JsonDocument.Parse(Answer(payload)).RootElement.GetProperty("payloadBase64").GetBytesFromBase64());

    private static byte[] Nested(int depth) => Encoding.UTF8.GetBytes(new string('[', depth) + new string(']', depth));

    private static string Answer(byte[] payload)
    {
        using var output = new MemoryStream();
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartObject();
            PayloadJson.Write(writer, "payload"u8, "payloadBase64"u8, payload);
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(output.ToArray());
    }
}
