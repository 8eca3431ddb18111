using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Millrace.AspNetCore.Operators;

namespace Millrace.AspNetCore.Configuration;

/// <summary>Returns the settings of the answering node with their sources.</summary>
internal static class SettingsEndpoint
{
    public static void Map(OperatorRoutes routes) => routes.MapRead("/settings", List, new(
        "Returns the settings of the answering node with the values in effect and their sources.")
    {
        Answer = typeof(SettingsView),
    });

    private static Task List(HttpContext http)
    {
        var configuration = http.RequestServices.GetRequiredService<MillraceConfiguration>();
        return OperatorResponse.Write(
            http,
            new SettingsView([.. configuration.Read().Select(SettingView.Of)], configuration.Problems),
            OperatorJson.Default.SettingsView);
    }
}
