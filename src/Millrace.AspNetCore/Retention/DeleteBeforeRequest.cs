using System.ComponentModel;

namespace Millrace.AspNetCore.Retention;

/// <summary>A request to remove old streams of a category.</summary>
internal sealed record DeleteBeforeRequest(
    [property: Description("The category, such as cart.")] string Category,
    [property: Description("Streams whose last event was recorded before this time are removed.")]
        DateTimeOffset Before,
    [property: Description("The read models that may lose events; none when absent.")]
        string[]? EvenIfReadBy = null);
