using System.ComponentModel;
using Microsoft.AspNetCore.Http;

namespace Millrace.AspNetCore.Operators;

/// <summary>Returns the operator's name and permissions, so that a page can offer only allowed actions.</summary>
internal sealed class OperatorEndpoint(bool mayDecide)
{
    public static void Map(OperatorRoutes routes) => routes.MapRead(
        "", new OperatorEndpoint(routes.AllowsDecisions).Show, new("Returns the name and permissions of the caller.")
        {
            Answer = typeof(OperatorView),
        });

    private Task Show(HttpContext http) =>
        OperatorResponse.Write(
            http, new OperatorView(OperatorRequest.Caller(http), mayDecide), OperatorJson.Default.OperatorView);
}

/// <summary>The name and permissions of the caller.</summary>
[Description("The name and permissions of the caller.")]
internal sealed record OperatorView(
    [property: Description("The name that is recorded with decisions.")] string Name,
    [property: Description("True if the caller may make decisions.")] bool MayDecide);
