using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Millrace.AspNetCore.Operators;

/// <summary>Returns the members with sensitive names and plain values that the answering node found.</summary>
internal static class UnmarkedMemberEndpoint
{
    public static void Map(OperatorRoutes routes) => routes.MapRead("/unmarked-members", List, new(
        "Returns the members of events with sensitive names and plain values that the answering node found since its "
            + "start.")
    {
        Answer = typeof(IReadOnlyList<UnmarkedMemberView>),
    });

    private static Task List(HttpContext http)
    {
        var all = http.RequestServices.GetService<UnmarkedMembers>()?.List() ?? [];
        return OperatorResponse.Write(
            http,
            [.. all.Select(UnmarkedMemberView.Of)],
            OperatorJson.Default.IReadOnlyListUnmarkedMemberView);
    }
}
