using System.ComponentModel;
using System.Text.Json;

namespace Millrace.AspNetCore.Events;

/// <summary>Streams, for operators.</summary>
[Description("The streams whose names start with a prefix.")]
internal sealed record StreamNamesView(
    [property: Description("The streams, in the order of their names.")] IReadOnlyList<StreamNameView> Streams,
    [property: Description("False if there may be further streams.")] bool IsComplete);

/// <summary>A stream, for operators.</summary>
[Description("A stream.")]
internal sealed record StreamNameView(
    [property: Description("The name.")] string Stream,
    [property: Description("The version of its last event.")] long Version,
    [property: Description("open, deleted or closed.")] string State)
{
    public static StreamNameView Of(StreamInfo info) => new(
        info.Stream.Value, info.Version, JsonNamingPolicy.CamelCase.ConvertName(info.State.ToString()));
}
