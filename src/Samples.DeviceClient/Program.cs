using Samples.DeviceClient;

using var http = new HttpClient();
var signIn = new DeviceSignIn(http, TimeProvider.System, Console.Out) { HasColours = !Console.IsOutputRedirected };
return await signIn.RunAsync(
    args.ElementAtOrDefault(0) ?? "http://localhost:5100",
    args.ElementAtOrDefault(1) ?? "device",
    args.ElementAtOrDefault(2) ?? "openid profile",
    CancellationToken.None) ? 0 : 1;
