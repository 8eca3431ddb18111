namespace CardPayments.Faults;

/// <summary>Applies the configured faults to requests about charges.</summary>
public sealed class FaultMiddleware(Random random, TimeProvider time)
{
    private volatile FaultSettings _settings = FaultSettings.None;

    public FaultSettings FaultSettings
    {
        get => _settings;
        set => _settings = value;
    }

    public async Task Handle(HttpContext http, Func<Task> next)
    {
        var settings = _settings;
        if (!http.Request.Path.StartsWithSegments("/charges", StringComparison.Ordinal))
        {
            await next();
            return;
        }
        if (settings.Delay > TimeSpan.Zero)
            await Task.Delay(settings.Delay, time, http.RequestAborted);
        var chance = random.NextDouble();
        if (chance < settings.FailShare / 2)
        {
            http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }
        if (chance >= settings.FailShare)
        {
            await next();
            return;
        }
        http.Response.Body = Stream.Null;
        await next();
        http.Abort(); // The request was handled, but the caller gets no answer.
    }
}
