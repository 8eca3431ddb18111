using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Millrace.AspNetCore.Access;

/// <summary>A response with JSON from which members were left out.</summary>
internal sealed class FilteredJsonResult(JsonNode json) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext) => FilteredJson.Write(httpContext, json);
}
