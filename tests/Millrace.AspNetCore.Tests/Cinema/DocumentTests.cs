using System.Text.Json;

namespace Millrace.AspNetCore.Tests.Cinema;

/// <summary>Tests how OpenAPI documents describe a generated model.</summary>
public sealed class DocumentTests(CinemaApp app) : IClassFixture<CinemaApp>
{
    [Fact]
    public async Task Two_types_with_the_same_name_become_two_components()
    {
        var schemas = (await app.Document()).GetProperty("components").GetProperty("schemas");

        Assert.Equal(
            [
                "Comment",
                "FilmId",
                "FilmView",
                "HallsSeat",
                "IReadOnlyListOfFilmView",
                "Problem",
                "Rating",
                "TicketsSeat",
            ],
            schemas.EnumerateObject().Select(schema => schema.Name));
        var view = schemas.GetProperty("FilmView").GetProperty("properties");
        Assert.Equal("#/components/schemas/HallsSeat", view.GetProperty("best").GetProperty("$ref").GetString());
        Assert.Equal("#/components/schemas/TicketsSeat", view.GetProperty("sold").GetProperty("$ref").GetString());
        Assert.Equal("A seat on a ticket.", schemas.GetProperty("TicketsSeat").GetProperty("description").GetString());
    }

    [Fact]
    public async Task A_recursive_type_is_described_once()
    {
        var schemas = (await app.Document()).GetProperty("components").GetProperty("schemas");

        var replies = schemas.GetProperty("Comment").GetProperty("properties").GetProperty("replies");
        Assert.Equal("""{"type":"array","items":{"$ref":"#/components/schemas/Comment"}}""", Compact(replies));
    }

    [Fact]
    public async Task Values_of_a_map_may_be_null_and_durations_have_a_format()
    {
        var schemas = (await app.Document()).GetProperty("components").GetProperty("schemas");

        var view = schemas.GetProperty("FilmView").GetProperty("properties");
        Assert.Equal(
            """{"type":"object","additionalProperties":{"type":["null","number"],"format":"decimal"}}""",
            Compact(view.GetProperty("prices")));
        Assert.Matches(view.GetProperty("length").GetProperty("pattern").GetString()!, "1.02:03:04.5");
    }

    [Fact]
    public async Task Lists_are_described_inline()
    {
        var document = await app.Document();

        var films = document.GetProperty("paths").GetProperty("/films").GetProperty("get");
        Assert.Equal("""{"type":"array","items":{"$ref":"#/components/schemas/FilmView"}}""", Compact(AnswerOf(films)));
        var genres = films.GetProperty("parameters")[0];
        Assert.Equal("All of which a film has.", genres.GetProperty("description").GetString());
        Assert.Equal("""{"type":"array","items":{"type":"string"}}""", Compact(genres.GetProperty("schema")));
        Assert.Equal("Looks for films.", films.GetProperty("summary").GetString());
        Assert.Equal("Cinema", films.GetProperty("tags")[0].GetString());
    }

    [Fact]
    public async Task Endpoints_of_the_application_are_described_with_the_same_types()
    {
        var document = await app.Document();

        var paths = document.GetProperty("paths");
        var list = AnswerOf(paths.GetProperty("/own/films").GetProperty("get")).GetProperty("$ref").GetString()!;
        Assert.Equal(
            """{"type":"array","items":{"$ref":"#/components/schemas/FilmView"}}""",
            Compact(document.GetProperty("components").GetProperty("schemas").GetProperty(list.Split('/')[^1])));
        var seat = paths.GetProperty("/own/seat").GetProperty("get");
        Assert.Equal("#/components/schemas/HallsSeat", AnswerOf(seat).GetProperty("$ref").GetString());
        Assert.Equal("Mine", seat.GetProperty("tags")[0].GetString());
    }

    private static JsonElement AnswerOf(JsonElement operation) =>
        operation
            .GetProperty("responses")
            .GetProperty("200")
            .GetProperty("content")
            .GetProperty("application/json")
            .GetProperty("schema");

    private static string Compact(JsonElement element) => JsonSerializer.Serialize(element);
}
