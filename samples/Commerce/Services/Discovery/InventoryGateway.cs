using Microsoft.Net.Http.Headers;
using Millrace.AspNetCore;

namespace Commerce.Services.Discovery;

/// <summary>
/// Forwards requests about stock to the inventory service. Each request goes to the healthy instance in the registry
/// with the fewest pending requests from this node.
/// </summary>
public static class InventoryGateway
{
    private static readonly string[] ForwardedHeaders =
    [
        HeaderNames.Accept, HeaderNames.Cookie, MillraceHeaders.IdempotencyKey, MillraceHeaders.Token,
        HeaderNames.TraceParent,
    ];

    public static void MapInventoryGateway(this IEndpointRouteBuilder routes) =>
        routes.Map("/api/inventory/{**path}", Forward).ExcludeFromDescription();

    private static async Task Forward(HttpContext context, ServicePicker services, HttpClient http)
    {
        using var pick = await services.Pick(Registration.NameOf(ShopRole.Inventory), context.RequestAborted);
        using var request = RequestOf(
            context.Request, new Uri(pick.Instance.Url, context.Request.Path + context.Request.QueryString));
        try
        {
            using var answer = await http.SendAsync(
                request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
            await Answer(answer, context);
        }
        catch (HttpRequestException unavailable) when (!context.Response.HasStarted)
        {
            await Results
                .Problem(
                    $"The service that keeps the stock does not answer: {unavailable.Message}",
                    statusCode: StatusCodes.Status502BadGateway,
                    extensions: new Dictionary<string, object?> { ["error"] = "inventory-away" }
                )
                .ExecuteAsync(context);
        }
    }

    private static HttpRequestMessage RequestOf(HttpRequest original, Uri target)
    {
        var request = new HttpRequestMessage(new HttpMethod(original.Method), target);
        if (original.ContentLength is > 0 || original.Headers.TransferEncoding.Count > 0)
        {
            request.Content = new StreamContent(original.Body);
            request.Content.Headers.TryAddWithoutValidation(HeaderNames.ContentType, original.ContentType);
        }

        foreach (var name in ForwardedHeaders)
        {
            if (original.Headers.TryGetValue(name, out var values))
                request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
        }

        return request;
    }

    private static async Task Answer(HttpResponseMessage answer, HttpContext context)
    {
        context.Response.StatusCode = (int)answer.StatusCode;
        context.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
        foreach (var (name, values) in answer.Headers)
        {
            if (name.StartsWith("Millrace-", StringComparison.OrdinalIgnoreCase))
                context.Response.Headers[name] = values.ToArray();
        }

        await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }
}
