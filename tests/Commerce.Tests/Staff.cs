using System.Net.Http.Json;

namespace Commerce.Tests;

/// <summary>Signs clients of tests in to the shop.</summary>
internal static class Staff
{
    /// <summary>The roles of the staff: a manager who is also the operator and the auditor.</summary>
    public static readonly string[] All = ["manager", "operator", "auditor"];

    /// <summary>Signs a client in, as the staff unless roles are given. The client keeps the cookie.</summary>
    public static async Task SignIn(HttpClient http, Uri shop, params string[] roles)
    {
        using var answer = await http.PostAsJsonAsync(
            new Uri(shop, "/api/session"), new { roles = roles.Length == 0 ? All : roles });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }
}
