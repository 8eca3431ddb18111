using System.Security.Claims;
using Microsoft.Extensions.DependencyInjection;

namespace Millrace.Caching.Tests;

/// <summary>Tests of answers that are cached for each user.</summary>
public sealed class PerUserTests : IDisposable
{
    private readonly ShopFile _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task Users_have_separate_answers()
    {
        await using var node = await Start();

        var ann = await Ask(node, User("sub", "ann"));
        var ben = await Ask(node, User("sub", "ben"));
        var again = await Ask(node, User("sub", "ann"));

        Assert.Equal(
            (AnswerSource.Handler, AnswerSource.Handler, AnswerSource.ProcessCache),
            (ann.Source, ben.Source, again.Source));
    }

    [Fact]
    public async Task Users_of_two_identity_providers_with_the_same_id_have_separate_answers()
    {
        await using var node = await Start();

        var one = await Ask(node, User("sub", "ann", "https://one.example"));
        var two = await Ask(node, User("sub", "ann", "https://two.example"));
        var again = await Ask(node, User("sub", "ann", "https://one.example"));

        Assert.Equal(
            (AnswerSource.Handler, AnswerSource.Handler, AnswerSource.ProcessCache),
            (one.Source, two.Source, again.Source));
    }

    [Fact]
    public async Task The_answer_for_an_unknown_user_is_not_cached()
    {
        await using var node = await Start();

        var first = await Ask(node, user: null);
        var second = await Ask(node, user: null);

        Assert.Equal((AnswerSource.Handler, AnswerSource.Handler), (first.Source, second.Source));
    }

    [Theory]
    [InlineData("oid")]
    [InlineData("email")]
    [InlineData(ClaimTypes.Name)] // Two users can have the same name.
    public async Task The_answer_for_a_user_without_an_id_is_not_cached(string claim)
    {
        await using var node = await Start();

        var first = await Ask(node, User(claim, "ann"));
        var second = await Ask(node, User(claim, "ann"));

        Assert.Equal((AnswerSource.Handler, AnswerSource.Handler), (first.Source, second.Source));
    }

    [Fact]
    public async Task The_answer_for_a_user_with_two_ids_is_not_cached()
    {
        await using var node = await Start();
        var user = User("sub", "ann");
        user.AddIdentity(User("sub", "ben").Identities.First());

        var first = await Ask(node, user);
        var second = await Ask(node, user);

        Assert.Equal((AnswerSource.Handler, AnswerSource.Handler), (first.Source, second.Source));
    }

    [Fact]
    public async Task The_user_of_the_request_is_found_without_access_control()
    {
        var request = new CurrentRequest();
        await using var node = await Start(millrace => millrace.Services
            .AddKeyedSingleton<IRequestUser>(IRequestUser.InContext, request));

        request.Current = User("sub", "ann");
        await Ask(node, user: null);
        var ann = await Ask(node, user: null);
        request.Current = User("sub", "ben");
        var ben = await Ask(node, user: null);

        Assert.Equal((AnswerSource.ProcessCache, AnswerSource.Handler), (ann.Source, ben.Source));
    }

    private async Task<Node> Start(Action<MillraceBuilder>? configure = null)
    {
        var node = await Node.Start(
            _file.Open(), cache: cache => cache.Cache<GetParcel>(query => query.PerUser()), configure: configure);
        var moved = await node.Move("1", "hall");
        await node.Ask(new GetParcel("1"), moved); // The read model has reached the move.
        return node;
    }

    private static Task<QueryResult<Parcel?>> Ask(Node node, ClaimsPrincipal? user) =>
        node.Ask(new GetParcel("1"), user: user);

    private static ClaimsPrincipal User(string claim, string value, string issuer = "test") => new(new ClaimsIdentity(
        [new System.Security.Claims.Claim(claim, value, ClaimValueTypes.String, issuer)], "test"));

    private sealed class CurrentRequest : IRequestUser
    {
        public ClaimsPrincipal? Current { get; set; }
    }
}
