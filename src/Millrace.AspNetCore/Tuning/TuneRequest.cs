using System.ComponentModel;

namespace Millrace.AspNetCore.Tuning;

/// <summary>A request to start a tuning run.</summary>
[Description("A request to measure what batching, concurrency and caching gain.")]
internal sealed record TuneRequest(
    [property: Description("The consumer; by default the one with the most load.")] string? Consumer,
    [property: Description("The approximate duration, from 3 to 600; 30 by default.")] int? Seconds);
