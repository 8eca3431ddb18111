using System.Text;

namespace Millrace.AspNetCore.Tests.Cinema;

/// <summary>
/// Tests how the names and values of query strings, routes and bodies become members of a generated message.
/// </summary>
public sealed class ParameterTests(CinemaApp app) : IClassFixture<CinemaApp>
{
    private const string Film = "0190a9a4-0000-7000-8000-000000000001";

    [Theory]
    [InlineData("", "   1")]
    [InlineData("?genres=noir", "noir   1")]
    [InlineData("?genres=noir&genres=crime", "noir+crime   1")]
    [InlineData("?genres=noir,crime", "noir,crime   1")]
    [InlineData("?genres=", "   1")]
    [InlineData("?genres=1&genres=true&genres=null", "1+true+null   1")]
    [InlineData("?years=1946&years=1947", " 1946+1947  1")]
    [InlineData("?films=" + Film + "&films=" + Film, "  2  1")]
    [InlineData("?rating=fromTwelve&page=3", "   FromTwelve 3")]
    [InlineData("?Genres=noir&PAGE=2", "noir   2")]
    [InlineData("?utm_source=x&nonsense=1", "   1")]
    public async Task A_list_has_an_item_for_each_parameter(string query, string expected)
    {
        var response = await app.Client.GetAsync("/films" + query);

        var title = (await response.Json())[0].GetProperty("title").GetString()!;
        Assert.Equal(
            expected.Replace(" ", "", StringComparison.Ordinal), title.Replace(" ", "", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("?page=1&page=2", "page", "It is given 2 times, but only one value is allowed.")]
    [InlineData("?page=1&page=1", "page", "It is given 2 times, but only one value is allowed.")]
    [InlineData("?rating=adults&rating=everyone", "rating", "It is given 2 times, but only one value is allowed.")]
    [InlineData("?page=1&PAGE=2", "page", "It is given 2 times, but only one value is allowed.")]
    [InlineData("?genres=noir&gen_res=crime", "genres", "It is given under two names, one of which is 'gen_res'.")]
    [InlineData("?rating=none", "rating", "'none' cannot be read: ")]
    [InlineData("?years=1946&years=soon", "years", "'soon' cannot be read: ")]
    [InlineData("?films=" + Film + "&films=x", "films", "'x' cannot be read: ")]
    public async Task A_single_value_may_occur_only_once(string query, string member, string message)
    {
        var response = await app.Client.GetAsync("/films" + query);

        Assert.Equal((400, "malformed-request"), await response.Problem());
        Assert.StartsWith(message, await ProblemOf(response, member), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"Seats":[],"name":"Ada"}""", "seats", "The member 'Seats' is unknown. Did you mean 'seats'?")]
    [InlineData("""{"seats":[],"NAME":"Ada"}""", "name", "The member 'NAME' is unknown. Did you mean 'name'?")]
    [InlineData("""{"seats":[],"name":"Ada","Remark":"x"}""", "remark", "The member 'Remark' is unknown. Did you mean "
        + "'remark'?")]
    [InlineData("""{"seats":[],"name":"Ada","name_":"x"}""", "name", "The member 'name_' is unknown. Did you mean "
        + "'name'?")]
    [InlineData("""{"seats":[{"row":1,"number":2},{"Row":1,"number":2}],"name":"Ada"}""", "seats.1.row", "Did you "
        + "mean 'row'?")]
    public async Task A_misspelled_member_is_refused_with_the_correct_name(string body, string member, string message)
    {
        var response = await app.Client.PostAsync($"/films/{Film}/seats", Json(body));

        Assert.Equal((400, "malformed-request"), await response.Problem());
        Assert.Contains(message, await ProblemOf(response, member), StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_errors_are_reported_together()
    {
        var response = await app.Client.PostAsync($"/films/{Film}/seats?name=a&name=b", Json("""{"Seats":[]}"""));

        var errors = (await response.Json()).GetProperty("errors").EnumerateObject().Select(error => error.Name);
        Assert.Equal(["name", "seats"], errors.Order());
    }

    [Fact]
    public async Task An_unknown_member_is_ignored()
    {
        var response = await app.Client.PostAsync($"/films/{Film}/seats", Json("""{"seats":[],"name":"Ada","colour":"red","film":"x"}"""));

        Assert.Equal("\"Ada: 0\"", await response.Content.ReadAsStringAsync());
    }

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

    private static async Task<string> ProblemOf(HttpResponseMessage response, string member) =>
        (await response.Json()).GetProperty("errors").GetProperty(member)[0].GetString()!;
}
