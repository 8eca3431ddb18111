using System.Net;

namespace Millrace.AspNetCore.Tests;

/// <summary>Tests that pages of other sites cannot decide with the cookies of an operator.</summary>
public sealed class CrossSiteTests
{
    [Theory]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    [InlineData("Origin", "https://evil.example")]
    [InlineData("Origin", "null")]
    public async Task A_decision_of_another_site_is_refused(string header, string value)
    {
        await using var app = await OperatorsApp.Start();

        var refused = await Post(app, header, value);

        Assert.Equal((403, "cross-site"), await refused.Problem());
        Assert.All(await app.Consumers.List(), consumer => Assert.False(consumer.IsPaused));
    }

    [Theory]
    [InlineData("Sec-Fetch-Site", "same-origin")]
    [InlineData("Sec-Fetch-Site", "none")]
    [InlineData("X-Program", "curl")]
    public async Task A_decision_of_the_own_page_or_of_a_program_is_carried_out(string header, string value)
    {
        await using var app = await OperatorsApp.Start();

        var response = await Post(app, header, value);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task The_own_origin_is_recognized_by_its_host()
    {
        await using var app = await OperatorsApp.Start();
        var own = app.Client.BaseAddress!.GetLeftPart(UriPartial.Authority);

        Assert.Equal(HttpStatusCode.OK, (await Post(app, "Origin", own)).StatusCode);
        Assert.Equal(
            HttpStatusCode.OK,
            (await Post(app, "Origin", own.Replace("http:", "https:", StringComparison.Ordinal))).StatusCode);
    }

    private static async Task<HttpResponseMessage> Post(LibraryApp app, string header, string value)
    {
        var consumer = (await app.Consumers.List())[0].Name;
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/millrace/consumers/{consumer}/pause");
        request.Headers.TryAddWithoutValidation(header, value);
        return await app.Client.SendAsync(request);
    }
}
