using System.ComponentModel;
using Microsoft.AspNetCore.Http;

namespace Millrace.AspNetCore;

/// <summary>Tells operators who they are here, and what they may: so that a page offers what will not be
/// refused.</summary>
internal sealed class OperatorEndpoint(bool mayDecide)
{
    public static void Map(OperatorRoutes routes) => routes.MapRead(
        "", new OperatorEndpoint(routes.AllowsDecisions).Show, new("Who asks, and what they may.")
        {
            Answer = typeof(OperatorView),
        });

    private Task Show(HttpContext http) =>
        OperatorResponse.Write(
            http, new OperatorView(OperatorRequest.Caller(http), mayDecide), OperatorJson.Default.OperatorView);
}

/// <summary>Who asks.</summary>
[Description("Who asks, and what they may.")]
internal sealed record OperatorView(
    [property: Description("What is noted with their decisions.")] string Name,
    [property: Description("Whether they may change something.")] bool MayDecide);
