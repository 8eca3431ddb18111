using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Commerce.Access;

namespace Commerce.Payments;

/// <summary>
/// Receives the results of payments from the payment service. A message without a valid, recent signature is refused. A
/// repeated message has no effect.
/// </summary>
public static class PaymentWebhook
{
    private const int MaxBytes = 64 * 1024;
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);
    // Shorter than the ten seconds that the service waits for an answer.
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan MaxPause = TimeSpan.FromMilliseconds(320);
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>The route of the webhook.</summary>
    public static void MapPaymentWebhook(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/payments/webhook", Receive).ExcludeFromDescription();

    /// <summary>Returns the reason why a message is refused, or null when its signature is valid and recent.</summary>
    public static string? Problem(
        string secret, string? id, string? timestamp, string? signature, ReadOnlySpan<byte> body, DateTimeOffset now)
    {
        if (string.IsNullOrEmpty(id) || id.Length > 256 || string.IsNullOrEmpty(signature)
            || !long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
            return "The headers webhook-id, webhook-timestamp and webhook-signature are needed.";
        if (Math.Abs(now.ToUnixTimeSeconds() - seconds) > Tolerance.TotalSeconds)
            return "It was signed too long ago, or the clocks differ.";
        var head = Encoding.UTF8.GetBytes($"{id}.{timestamp}.");
        var expected = Convert.ToBase64String(
            HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), (byte[])[.. head, .. body]));
        foreach (var candidate in signature.Split(' '))
        {
            // Compared in constant time, so that the duration reveals nothing about the signature.
            if (CryptographicOperations.FixedTimeEquals(
                    Encoding.UTF8.GetBytes(candidate), Encoding.UTF8.GetBytes("v1," + expected)))
                return null;
        }
        return "The signature is not the payment service's.";
    }

    private static async Task<IResult> Receive(
        HttpContext http,
        ICommandBus bus,
        CardPaymentsAddress payments,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (await ReadBody(http.Request, cancellationToken) is not { } body)
            return Results.StatusCode(StatusCodes.Status413PayloadTooLarge);
        var headers = http.Request.Headers;
        var id = headers["webhook-id"].ToString();
        var problem = Problem(
            payments.Secret,
            id,
            headers["webhook-timestamp"].ToString(),
            headers["webhook-signature"].ToString(),
            body,
            time.GetUtcNow());
        if (problem is not null)
            return Results.Problem(
                problem, statusCode: 401, extensions: new Dictionary<string, object?> { ["error"] = "bad-signature" });
        if (Read(body) is not { } message)
            return Results.Problem("It is no message of the payment service.", statusCode: 400);
        http.User = DemoSession.UserOf(
            ShopRoles.PaymentService, "payment service", [ShopRoles.PaymentService]); // The signature proves it.
        if (SettlementOf(message) is { } settlement)
        {
            var command = new SettlePayment(new PaymentId(message.Charge), settlement);
            await Settle(bus, command, new SendOptions { IdempotencyKey = id }, time, cancellationToken);
        }
        return Results.NoContent();
    }

    /// <summary>
    /// Records the result of a payment. The message may arrive before the commit of the command that requested the
    /// payment, which may run on another node. The method waits for that commit for a short time.
    /// </summary>
    private static async Task Settle(
        ICommandBus bus,
        SettlePayment command,
        SendOptions options,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        using var pause = new PeriodicTimer(FirstPause, time);
        for (var started = time.GetTimestamp(); ;)
        {
            try
            {
                await bus.Send(command, options, cancellationToken);
                return;
            }
            catch (AggregateNotFoundException) when (time.GetElapsedTime(started) < MaxWait)
            {
                await pause.WaitForNextTickAsync(cancellationToken);
                pause.Period = pause.Period < MaxPause ? pause.Period * 2 : MaxPause;
            }
        }
    }

    /// <summary>Returns the settlement of a message; null for a change that the shop made.</summary>
    private static Settlement? SettlementOf(Message message) => message.Type switch
    {
        "charge.captured" => new(true, message.Amount ?? 0, message.Currency ?? "", message.TransactionId ?? "", ""),
        "charge.declined" => Settlement.Refused(message.Reason ?? "The bank refuses."),
        _ => null,
    };

    private static async Task<byte[]?> ReadBody(HttpRequest request, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        var part = new byte[4096];
        for (int read; (read = await request.Body.ReadAsync(part, cancellationToken)) > 0;)
        {
            if (buffer.Length + read > MaxBytes)
                return null;
            buffer.Write(part, 0, read);
        }
        return buffer.ToArray();
    }

    private static Message? Read(byte[] body)
    {
        try
        {
            return JsonSerializer.Deserialize<Message>(body, Json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>A message of the payment service.</summary>
    private sealed record Message(
        string Type, Guid Charge, decimal? Amount, string? Currency, string? TransactionId, string? Reason);
}
