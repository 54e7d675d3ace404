using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OAuth;
using Microsoft.AspNetCore.WebUtilities;

namespace Samples.WebClient.SignIn;

/// <summary>Authorization code with PKCE through the framework's OAuth handler. Who the person is comes from userinfo, read over our own connection to the server.</summary>
internal static class IdServerSignIn
{
    public const string Scheme = "idserver";

    public static void Configure(OAuthOptions options, WebClientOptions client)
    {
        options.ClientId = client.ClientId;
        options.ClientSecret = client.ClientSecret; // the handler sends it in the form: client_secret_post
        options.AuthorizationEndpoint = client.AuthorizationEndpoint;
        options.TokenEndpoint = client.TokenEndpoint;
        options.UserInformationEndpoint = client.UserInfoEndpoint;
        options.CallbackPath = "/signin-idserver";
        options.UsePkce = true;
        options.SaveTokens = true;
        options.Scope.Clear();
        foreach (var scope in client.Scope.Split(' '))
        {
            options.Scope.Add(scope);
        }

        options.ClaimActions.MapJsonKey("sub", "sub");
        options.ClaimActions.MapJsonKey("name", "name");
        options.ClaimActions.MapJsonKey("email", "email");

        // The handler's default is SameSite=None with Secure, which http refuses. The answer comes back by a top-level GET, so Lax is enough.
        options.CorrelationCookie.Name = "webclient.correlation.";
        options.CorrelationCookie.SameSite = SameSiteMode.Lax;
        options.CorrelationCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;

        options.Events.OnRedirectToAuthorizationEndpoint = context =>
        {
            context.Response.Redirect(QueryHelpers.AddQueryString(context.RedirectUri, "ui_locales", Languages.Texts.Current.Language));
            return Task.CompletedTask;
        };
        options.Events.OnCreatingTicket = async context =>
        {
            RequireIssuer(context, client);
            KeepIdToken(context);
            await ReadUserInfoAsync(context);
        };
        options.Events.OnAccessDenied = context =>
        {
            context.Response.Redirect("/sign-in-failed?error=access_denied");
            context.HandleResponse();
            return Task.CompletedTask;
        };
        options.Events.OnRemoteFailure = context =>
        {
            var error = context.Failure?.Data["error"] as string ?? "sign_in_failed";
            context.Response.Redirect("/sign-in-failed?error=" + Uri.EscapeDataString(error));
            context.HandleResponse();
            return Task.CompletedTask;
        };
    }

    /// <summary>RFC 9207 §2.4: an answer from another server than the one we asked is not used.</summary>
    private static void RequireIssuer(OAuthCreatingTicketContext context, WebClientOptions client)
    {
        if (context.Request.Query["iss"] != client.Issuer)
        {
            throw new AuthenticationFailureException("The answer does not come from the server that was asked.");
        }
    }

    /// <summary>The handler saves the other tokens by itself. This one only goes back to the server as id_token_hint.</summary>
    private static void KeepIdToken(OAuthCreatingTicketContext context)
    {
        if (context.TokenResponse.Response!.RootElement.TryGetProperty("id_token", out var idToken))
        {
            context.Properties.StoreTokens([.. context.Properties.GetTokens(), new AuthenticationToken { Name = "id_token", Value = idToken.GetString()! }]);
        }
    }

    private static async Task ReadUserInfoAsync(OAuthCreatingTicketContext context)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, context.Options.UserInformationEndpoint);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", context.AccessToken);
        using var response = await context.Backchannel.SendAsync(request, context.HttpContext.RequestAborted);
        response.EnsureSuccessStatusCode();
        using var user = JsonDocument.Parse(await response.Content.ReadAsStringAsync(context.HttpContext.RequestAborted));
        context.RunClaimActions(user.RootElement);
    }
}
